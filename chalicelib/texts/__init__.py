"""What people read, by language: catalogues, and money, dates and numbers by the rules of CLDR."""
