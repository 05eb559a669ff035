// Goes on at once with what the button would do: the answer of eID is handed over to the console.
document.querySelector("form[data-onward]")?.requestSubmit();
