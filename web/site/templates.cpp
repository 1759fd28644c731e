#include "web/site/templates.hpp"

namespace kanal::site {

std::string_view frame_template() {
  return R"({{%AUTOESCAPE context="HTML"}}<!doctype html>
<html lang="{{LANGUAGE}}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="{{ROBOTS}}"><title>{{TITLE}}</title>
<link rel="icon" type="image/svg+xml" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/site.css"><script src="/assets/site.js" defer></script>
</head><body>{{#WHOLE}}<a class="skip" href="#main">{{SKIP}}</a>
<header><div class="wide"><a class="brand" href="/">{{NAME}}</a>
<nav><a href="/reports">{{REPORTS}}</a><a href="/statistics">{{STATISTICS}}</a>
<a href="{{OTHER}}" lang="{{OTHER_LANGUAGE}}">{{OTHER_NAME}}</a></nav></div></header>{{#DEMONSTRATION}}<aside class="demonstration" aria-label="{{DEMONSTRATION_NAME}}"><p class="wide">{{DEMONSTRATION_WORD}} <a href="/demo">{{DEMONSTRATION_LINK}}</a></p></aside>{{/DEMONSTRATION}}{{/WHOLE}}
<main id="main" class="wide">{{BODY:none}}</main>
{{#WHOLE}}<footer><div class="wide">{{NAME}} · {{PROMISE}}</div></footer>{{/WHOLE}}
</body></html>
)";
}

std::string_view home_template() {
  return R"({{%AUTOESCAPE context="HTML"}}<h1>{{HEADING}}</h1><p class="lead">{{LEAD}}</p>
<p><a class="button large" href="/report">{{REPORT}}</a></p>
<form class="card" action="/r" method="get"><label for="code">{{CHECK}}</label>
<p class="help" id="code-help">{{CHECK_HELP}}</p>
<div class="row"><input id="code" name="code" inputmode="numeric" autocomplete="off" required
 aria-describedby="code-help"><button class="quiet">{{LOOK}}</button></div></form>
<h2>{{HOW}}</h2><ol class="steps">{{#STEP}}<li><b>{{STEP_TITLE}}</b><span>{{STEP_TEXT}}</span></li>{{/STEP}}</ol>
)";
}

std::string_view form_template() {
  return R"({{%AUTOESCAPE context="HTML"}}<h1>{{TITLE}}</h1>
{{#WRONG}}<div class="wrong" role="alert" tabindex="-1" id="wrong"><b>{{MESSAGE}}</b><ul>{{#WRONG_FIELD}}<li><a href="#f-{{FIELD}}">{{LABEL}} — {{PROBLEM}}</a></li>{{/WRONG_FIELD}}</ul></div>{{/WRONG}}
<form class="report" method="post" action="{{ACTION}}" enctype="multipart/form-data" novalidate data-draft="{{FORM}}">
<input type="hidden" name="token" value="{{TOKEN}}">
<input type="hidden" name="latitude" value=""><input type="hidden" name="longitude" value="">
<div class="trap" aria-hidden="true"><label for="website">{{LEAVE_EMPTY}}</label>
<input id="website" name="website" tabindex="-1" autocomplete="off"></div>
{{#FIELD_BLOCK}}{{#TICK}}<div class="tick"><input type="checkbox" id="f-{{FIELD}}" name="{{FIELD}}" value="1"{{#TICKED}} checked{{/TICKED}} aria-describedby="h-{{FIELD}}"><label for="f-{{FIELD}}">{{LABEL}}</label><p class="help" id="h-{{FIELD}}">{{HELP}}</p></div>{{/TICK}}{{#PLAIN}}<div class="field{{#BAD}} bad{{/BAD}}"><label for="f-{{FIELD}}">{{LABEL}}{{#NEEDED}} <span class="needed">({{NEEDED_WORD}})</span>{{/NEEDED}}</label>
<p class="help" id="h-{{FIELD}}">{{HELP}}</p>{{#BAD}}<p class="problem" id="e-{{FIELD}}">{{PROBLEM}}</p>{{/BAD}}
{{#AREA}}<textarea id="f-{{FIELD}}" name="{{FIELD}}" rows="6"{{#NEEDED}} required{{/NEEDED}}{{#BAD}} aria-invalid="true"{{/BAD}} aria-describedby="h-{{FIELD}} e-{{FIELD}}">{{VALUE:p}}</textarea>{{/AREA}}
{{#LINE}}<input type="{{TYPE}}" id="f-{{FIELD}}" name="{{FIELD}}" value="{{VALUE}}" autocomplete="{{COMPLETE}}" inputmode="{{MODE}}"{{#BAD}} aria-invalid="true"{{/BAD}} aria-describedby="h-{{FIELD}} e-{{FIELD}}">{{/LINE}}
{{#FILES}}<input type="file" id="f-{{FIELD}}" name="{{FIELD}}" accept="image/*,application/pdf,video/mp4" multiple{{#BAD}} aria-invalid="true"{{/BAD}} aria-describedby="h-{{FIELD}} e-{{FIELD}}"><div class="preview" aria-hidden="true"></div>{{/FILES}}
{{#CHOICE}}<select id="f-{{FIELD}}" name="{{FIELD}}" aria-describedby="h-{{FIELD}} e-{{FIELD}}"><option value="">{{NO_CHOICE}}</option>{{#GROUP}}<optgroup label="{{GROUP_NAME}}">{{#OPTION}}<option value="{{OPTION_VALUE}}"{{#CHOSEN}} selected{{/CHOSEN}}>{{OPTION_NAME}}</option>{{/OPTION}}</optgroup>{{/GROUP}}</select>{{/CHOICE}}
{{#LOCATE}}<button type="button" class="quiet locate" data-waiting="{{LOCATE_WAITING}}" data-failed="{{LOCATE_FAILED}}" hidden>{{LOCATE_WORD}}</button>{{/LOCATE}}</div>{{/PLAIN}}{{/FIELD_BLOCK}}
<button class="button large">{{SEND}}</button></form>
)";
}

std::string_view tracking_template() {
  return R"({{%AUTOESCAPE context="HTML"}}{{#SENT}}<section class="keep" role="status" data-sent><h2>{{THANKS}}</h2>
<p>{{KEEP}}</p><p class="code">{{CODE}}</p><p><a href="{{SECRET_LINK}}">{{SECRET_WORD}}</a></p></section>{{/SENT}}
{{#NEWS}}<p class="wrong" role="alert">{{MESSAGE}}</p>{{/NEWS}}{{#DONE}}<p class="keep" role="status">{{MESSAGE}}</p>{{/DONE}}
<p class="help">{{NUMBER_WORD}} {{CODE}}</p><h1>{{TITLE}}</h1>
<section class="card"><span class="state">{{STATE}}</span><p>{{NEXT}}</p>{{#DUE}}<p class="help">{{DUE_WORD}} {{DUE_DATE}}</p>{{/DUE}}{{#OTHERS}}<p class="help">{{OTHERS_WORD}}</p>{{/OTHERS}}</section>
{{#ASK}}<section class="card act"><h2>{{ASK_WORD}}</h2>{{#ACT}}<form method="post" action="/r/{{PLAIN_CODE}}/{{ACT_NAME}}"><input type="hidden" name="k" value="{{SECRET}}">{{#ACT_WORDS}}<label for="why">{{ACT_WORDS_LABEL}}</label><textarea id="why" name="text" rows="2"></textarea>{{/ACT_WORDS}}<button class="{{ACT_CLASS}}">{{ACT_WORD}}</button></form>{{/ACT}}
{{#RATE}}<form method="post" action="/r/{{PLAIN_CODE}}/rate"><input type="hidden" name="k" value="{{SECRET}}"><fieldset><legend>{{RATE_WORD}}</legend><div class="row">{{#MARK}}<label class="mark"><input type="radio" name="rating" value="{{MARK_VALUE}}" required>{{MARK_VALUE}}</label>{{/MARK}}</div></fieldset><button class="quiet">{{RATE_SEND}}</button></form>{{/RATE}}</section>{{/ASK}}
<h2>{{HISTORY_WORD}}</h2><ol class="timeline">{{#ENTRY}}<li><b>{{EVENT}}</b>{{#WHERE}} <span>· {{PLACE}}</span>{{/WHERE}}<time>{{AT}}</time>{{#SAID}}<p class="words">{{WORDS:p}}</p>{{/SAID}}{{#PICTURES}}<ul class="pictures" aria-label="{{FILES_WORD}}">{{#FILE}}<li><a href="{{FILE_HREF}}"><img src="{{FILE_HREF}}" alt="{{FILE_NAME}}" loading="lazy"></a></li>{{/FILE}}</ul>{{/PICTURES}}{{#FILES}}<ul class="papers" aria-label="{{FILES_WORD}}">{{#FILE}}<li><a href="{{FILE_HREF}}">{{FILE_NAME}}</a></li>{{/FILE}}</ul>{{/FILES}}</li>{{/ENTRY}}</ol>
{{#TEXT_BLOCK}}<h2>{{TEXT_WORD}}</h2><p class="words card">{{TEXT:p}}</p>{{/TEXT_BLOCK}}
{{#FILE_BLOCK}}<h2>{{FILES_WORD}}</h2><ul>{{#FILE}}<li>{{FILE_NAME}}</li>{{/FILE}}</ul>{{/FILE_BLOCK}}
{{#REPLY}}<form class="card" method="post" action="/r/{{PLAIN_CODE}}/reply"><input type="hidden" name="k" value="{{SECRET}}"><label for="text">{{REPLY_WORD}}</label><textarea id="text" name="text" rows="4" required>{{TYPED:p}}</textarea><button>{{REPLY_SEND}}</button></form>{{/REPLY}}
)";
}

std::string_view reports_template() {
  return R"({{%AUTOESCAPE context="HTML"}}<h1>{{HEADING}}</h1>
<form class="row" action="/reports" role="search"><label class="hidden" for="q">{{SEARCH}}</label><input id="q" name="q" type="search" value="{{WORDS}}" placeholder="{{SEARCH_HELP}}"><button class="quiet">{{SEARCH}}</button></form>
{{#NONE}}<p class="card">{{NONE_WORD}}</p>{{/NONE}}<ul class="list">{{#REPORT}}<li class="card"><a href="/r/{{CODE}}"><b>{{TITLE}}</b></a><div><span class="state">{{STATE}}</span></div><p class="help">{{AGENCY}} · {{AT}}</p></li>{{/REPORT}}</ul>
)";
}

std::string_view statistics_template() {
  return R"({{%AUTOESCAPE context="HTML"}}<h1>{{HEADING}}</h1><p class="help">{{SCOPE}}</p><dl class="figures">{{#FIGURE}}<div class="card"><dt>{{FIGURE_NAME}}</dt><dd>{{FIGURE_VALUE}}</dd></div>{{/FIGURE}}</dl>
)";
}

std::string_view message_template() {
  return R"({{%AUTOESCAPE context="HTML"}}<h1{{#IS_SENT}} data-sent{{/IS_SENT}}>{{HEADING}}</h1><p class="lead">{{TEXT}}</p>{{#REFERRED}}<p class="help">{{REFERENCE_WORD}} <code>{{REFERENCE}}</code></p>{{/REFERRED}}<p><a class="button" href="{{BACK_HREF}}">{{BACK}}</a></p>
)";
}

}  // namespace kanal::site
