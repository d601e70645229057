"""What pages are made of: words, widgets, loaders, the live panel. All of streamlit is here and in the pages."""
