// Before the first paint: the theme that was chosen, if one was.
try {
  const theme = localStorage.getItem("strata-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // storage is closed: the system's theme it is
}
