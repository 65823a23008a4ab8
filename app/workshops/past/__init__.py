"""What has happened to a workshop: kept by the audit, told in sentences, taken back."""
