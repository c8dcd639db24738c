"""What people type on this app's pages."""
