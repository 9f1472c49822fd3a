"""The pages Applications, New Application, and the page of one application."""
