"""Reading the audit log, banners made from it, and checks of its chain."""
