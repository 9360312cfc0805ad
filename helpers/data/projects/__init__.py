"""What the projects of lesson 13 are about: scenes, films, stories."""
