#include "web/site/pages.hpp"

namespace kanal::site {

std::string_view style_sheet() {
  return R"(:root{--ink:#1b2733;--soft:#52606d;--line:#8492a0;--pale:#f3f6f9;--blue:#0b5394;--deep:#083d6e;--red:#a61b1b;--green:#1c6b3f}
*{box-sizing:border-box}body{margin:0;font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink);background:var(--pale);display:flex;flex-direction:column;min-height:100vh}
.wide{width:100%;max-width:48rem;margin:0 auto;padding:0 1rem}main{flex:1;padding-top:1.5rem!important;padding-bottom:3rem!important}
header{background:var(--blue);font-size:1rem}header .wide{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:0 1rem}
header a{color:#fff;text-decoration:none;display:inline-block;padding:.75rem .5rem}header a:hover{text-decoration:underline}.brand{font-weight:700;padding-left:0!important}nav{margin-left:-.5rem}
.demonstration{background:#fff6e9;border-bottom:1px solid #efc98f;font-size:.9375rem}.demonstration .wide{margin-top:0;margin-bottom:0;padding-top:.5rem;padding-bottom:.5rem}
footer{background:#e4eaf0;color:var(--soft);font-size:.9375rem;padding:1.25rem 0}
h1{font-size:1.75rem;line-height:1.2;letter-spacing:-.015em;margin:.25rem 0 1rem;overflow-wrap:anywhere}h2{font-size:1.2rem;margin:1.75rem 0 .5rem}.lead{font-size:1.15rem;color:var(--soft)}
a{color:var(--blue)}:focus-visible{outline:3px solid #f0a500;outline-offset:2px;border-radius:4px}
button,.button,.quiet{font:inherit;font-weight:600;min-height:3rem;padding:.6rem 1.25rem;border-radius:.5rem;border:2px solid var(--blue);background:var(--blue);color:#fff;cursor:pointer;text-decoration:none;display:inline-block;text-align:center}
button:hover,.button:hover{background:var(--deep)}.quiet{background:#fff;color:var(--blue)}.quiet:hover{background:#e8f0f8;color:var(--deep)}.large{width:100%;font-size:1.15rem;min-height:3.5rem;padding-top:.8rem}
.card{background:#fff;border:1px solid #d5dde5;border-radius:.75rem;padding:1.1rem;margin:1rem 0}.card h2{margin-top:0}
label,legend{font-weight:600;display:block}.help{color:var(--soft);font-size:.9375rem;margin:.1rem 0 .4rem;font-weight:400}.help:empty{display:none}
input:not([type=checkbox]):not([type=radio]),textarea,select{font:inherit;width:100%;min-height:3rem;padding:.6rem .75rem;border:1.5px solid var(--line);border-radius:.5rem;background:#fff;color:var(--ink)}
.field{margin:1.4rem 0}.needed{color:var(--soft);font-weight:400}.locate{margin-top:.5rem}
.tick{display:grid;grid-template-columns:2.4rem 1fr;margin:1.1rem 0}.tick input{width:1.5rem;height:1.5rem;margin:.1rem 0;accent-color:var(--blue)}.tick .help{grid-column:2}
.row{display:flex;gap:.5rem;flex-wrap:wrap}.row input{flex:1 1 10rem;width:auto!important}.mark{display:flex;align-items:center;justify-content:center;gap:.4rem;padding:0 .5rem;flex:1 1 2.6rem;min-height:3rem;border:1.5px solid var(--line);border-radius:.5rem}.mark input{flex:0;min-width:1.2rem;height:1.2rem}fieldset{border:0;padding:0;margin:1rem 0}
.wrong{background:#fdf0f0;border:2px solid var(--red);border-radius:.75rem;padding:1rem;margin:1rem 0}.wrong ul{margin:.5rem 0 0;padding-left:1.2rem}.wrong a{color:var(--red)}
.bad{border-left:4px solid var(--red);padding-left:.9rem}.bad input,.bad textarea,.bad select{border-color:var(--red)!important}.problem{color:var(--red);font-weight:600;margin:.2rem 0}
.keep{background:#eaf6ef;border:2px solid var(--green);border-radius:.75rem;padding:1.1rem;margin:0 0 1.5rem}.keep h2{margin:0}.code{font-size:1.9rem;font-weight:700;letter-spacing:.05em;margin:.25rem 0;font-variant-numeric:tabular-nums}
.state{display:inline-block;background:#e3eef9;color:var(--deep);font-weight:600;border-radius:1rem;padding:.2rem .8rem}.list .state{margin-top:.35rem}.list .help{margin:.35rem 0 0}.act form{margin:.6rem 0}.act>form>button{width:100%}
.timeline,.list{list-style:none;padding:0}.timeline li{border-left:3px solid var(--blue);padding:0 0 1.1rem 1.1rem;position:relative;margin-left:.5rem}.timeline li:before{content:"";position:absolute;left:-.55rem;top:.4rem;width:.9rem;height:.9rem;border-radius:50%;background:var(--blue)}.timeline li:last-child{border-left-color:transparent}.timeline time{display:block;color:var(--soft);font-size:.9375rem}
.steps{list-style:none;counter-reset:step;padding:0;display:grid;gap:.75rem}.steps li{counter-increment:step;position:relative;background:#fff;border:1px solid #d5dde5;border-radius:.75rem;padding:1rem 1rem 1rem 3.6rem}.steps li:before{content:counter(step);position:absolute;left:1rem;top:1rem;width:1.8rem;height:1.8rem;line-height:1.8rem;border-radius:50%;background:#e3eef9;color:var(--deep);font-weight:700;text-align:center}.steps span{display:block;color:var(--soft)}
.words{white-space:pre-wrap;overflow-wrap:anywhere}.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.75rem}.figures .card{margin:0;display:flex;flex-direction:column;justify-content:space-between;gap:.5rem}.figures dt{color:var(--soft)}.figures dd{margin:0;font-size:1.9rem;font-weight:700}
.trap,.hidden{position:absolute!important;left:-100vw;width:1px;height:1px;overflow:hidden}.skip{position:absolute;left:-100vw}.skip:focus{left:1rem;top:.5rem;background:#fff;padding:.75rem}
.preview{display:flex;gap:.5rem;flex-wrap:wrap;margin-top:.5rem}.preview img{width:5.5rem;height:5.5rem;object-fit:cover;border-radius:.5rem}[hidden]{display:none!important}
.pictures{list-style:none;padding:0;margin:.6rem 0 0;display:flex;flex-wrap:wrap;gap:.6rem}.timeline .pictures li,.timeline .papers li{border:0;padding:0;margin:0}.timeline .pictures li:before,.timeline .papers li:before{content:none}.pictures img{display:block;max-width:100%;width:18rem;max-height:14rem;object-fit:cover;border-radius:.5rem;border:1px solid #d5dde5}.papers{margin:.6rem 0 0;padding-left:1.2rem;overflow-wrap:anywhere}
@media(min-width:48rem){h1{font-size:2.25rem}.large{width:auto;min-width:18rem}.act>form>button{width:auto}}
)";
}

std::string_view script() {
  return R"('use strict';
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
  if (locate && navigator.geolocation && window.isSecureContext) {
    locate.hidden = false;
    locate.addEventListener('click', function () {
      var words = locate.textContent;
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
)";
}

}  // namespace kanal::site
