"""How it is asked: the pages of `drive5 app`, one thin file a page, and what they share."""
