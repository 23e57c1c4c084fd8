"""Use cases of mail: compose messages, process bounces and complaints."""
