"""When and how a customer is reminded of what they owe."""
