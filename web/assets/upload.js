'use strict';
// What is too large is refused on arrival, and what was written beside it is lost: said before.
document.querySelectorAll('input[type=file][data-most-bytes]').forEach((input) => {
  function fits() {
    const files = Array.from(input.files);
    const good = files.length <= Number(input.dataset.mostFiles) &&
      files.every((file) => file.size <= Number(input.dataset.mostBytes));
    input.setCustomValidity(good ? '' : input.dataset.tooLarge);
    return good;
  }
  input.addEventListener('change', () => fits() || input.reportValidity());
  // Also where the form checks nothing by itself.
  input.form.addEventListener('submit', (event) => {
    if (fits()) return;
    event.preventDefault();
    input.reportValidity();
  });
});
