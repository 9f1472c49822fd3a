"""The function-call interface of the Management API (`/api/invoke`)."""
