"use strict";
const way = document.getElementById("go");
if (way instanceof HTMLFormElement) way.submit();
else location.replace(way.href);
