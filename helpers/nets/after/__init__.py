"""What came after recurrence, and what recurrence became: lesson 11."""
