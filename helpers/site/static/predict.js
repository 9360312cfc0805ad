// A prediction: the option that is pressed gets its feedback; looking at others is free.
for (const box of document.querySelectorAll(".ur-predict")) {
  const buttons = [...box.querySelectorAll("button")];
  const told = box.querySelectorAll(".ur-told");
  const status = box.querySelector("[role=status]");
  buttons.forEach((button, i) => button.addEventListener("click", () => {
    buttons.forEach((other) => other.setAttribute("aria-pressed", other === button));
    status.innerHTML = told[i].innerHTML;
  }));
}
