"""The nets of the projects of lesson 13, and how they are trained and scored."""
