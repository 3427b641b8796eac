"""Other tools that judge changes of SQL, asked about the same edits."""
