"""How fast a whole wiki is read, by this library and by others, from one embedded Confluence."""
