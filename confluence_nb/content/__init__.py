"""What the pages say: text, Markdown, tables, links, macros and more, of a body or a column of them."""
