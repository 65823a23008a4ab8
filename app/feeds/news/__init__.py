"""What feed readers and search engines are told of public workshops."""
