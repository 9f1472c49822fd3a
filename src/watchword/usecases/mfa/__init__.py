"""The MFA life cycle in the database: status changes, enrolment, enrolment codes."""
