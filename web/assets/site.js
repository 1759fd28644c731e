'use strict';
document.querySelectorAll('form[data-draft]').forEach(function (form) {
  var key = 'draft-' + form.dataset.draft;
  var kept = ['subject', 'text', 'address'];
  try {
    var draft = JSON.parse(localStorage.getItem(key) || '{}');
    kept.forEach(function (name) {
      var input = form.elements[name];
      if (input && !input.value && draft[name]) input.value = draft[name];
    });
    form.addEventListener('input', function () {
      // What is to stay confidential does not wait here for the next user of the computer.
      if (form.elements.confidential && form.elements.confidential.checked) {
        draft = {};
        localStorage.removeItem(key);
        return;
      }
      kept.forEach(function (name) { if (form.elements[name]) draft[name] = form.elements[name].value; });
      localStorage.setItem(key, JSON.stringify(draft));
    });
  } catch (ignored) { /* storage is off: the form works without drafts */ }
  var locate = form.querySelector('.locate');
  if (locate && form.elements.latitude.value && form.elements.longitude.value) {
    locate.textContent = '\u2713 ' + locate.textContent;
  }
  if (locate && navigator.geolocation && window.isSecureContext) {
    locate.hidden = false;
    locate.addEventListener('click', function () {
      var words = locate.textContent.replace('\u2713 ', '');
      locate.disabled = true;
      locate.textContent = locate.dataset.waiting;
      navigator.geolocation.getCurrentPosition(function (here) {
        form.elements.latitude.value = here.coords.latitude;
        form.elements.longitude.value = here.coords.longitude;
        locate.textContent = '\u2713 ' + words;
      }, function () {
        locate.textContent = locate.dataset.failed;
      }, { timeout: 20000 });
    });
  }
  var photos = form.elements.photos;
  if (photos) photos.addEventListener('change', function () {
    var preview = form.querySelector('.preview');
    preview.replaceChildren();
    Array.from(photos.files).slice(0, 5).forEach(function (file) {
      if (!file.type.startsWith('image/')) return;
      var image = document.createElement('img');
      image.alt = '';
      image.src = URL.createObjectURL(file);
      preview.append(image);
    });
  });
});
var wrong = document.getElementById('wrong');
if (wrong) wrong.focus();
if (document.querySelector('[data-sent]')) {
  try {
    Object.keys(localStorage).forEach(function (key) {
      if (key.startsWith('draft-')) localStorage.removeItem(key);
    });
  } catch (ignored) { /* storage is off */ }
}
// A page in a frame of another site tells that site how high it is, and nothing else.
if (window.parent !== window && window.ResizeObserver) {
  document.body.style.minHeight = '0';
  new ResizeObserver(function () {
    var height = Math.ceil(document.body.getBoundingClientRect().height);
    window.parent.postMessage({ kanal_height_px: height }, '*');
  }).observe(document.body);
}
