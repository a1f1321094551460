// On the search page: type at once.
document.querySelector("form.bd-search input")?.focus();
