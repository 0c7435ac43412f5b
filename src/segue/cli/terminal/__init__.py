"""What is written to, and how: styled lines, symbols, tables, times, JSON."""
