"""Where people work and customers help themselves."""
