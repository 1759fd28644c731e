#include <algorithm>
#include <map>
#include <ranges>

#include "core/tracking_code.hpp"
#include "router/files.hpp"
#include "web/console/case.hpp"
#include "web/console/words.hpp"
#include "web/files.hpp"
#include "web/shown_words.hpp"
#include "web/words.hpp"

namespace kanal::console {
namespace {

bool is_serious(Event event) {
  return event == Event::archive || event == Event::reject;
}

// What is done to most reports that are where this one is.
bool is_usual(Event event) {
  return event == Event::verify || event == Event::dispose || event == Event::accept ||
         event == Event::answer || event == Event::complete || event == Event::restore ||
         event == Event::appeal;
}

std::string_view words_hint(const Visit& visit, const ActForm& form, bool confidential) {
  if (form.event == Event::note) {
    return visit.say("Hanya dibaca petugas.", "Only officers read it.");
  }
  if (form.tells_reporter && confidential) {
    return visit.say("Pelapor membacanya di halaman laporan, lewat tautan pribadinya.",
                     "The reporter reads it on the report's page, by a private link.");
  }
  if (form.tells_reporter) {
    return visit.say("Pelapor membacanya di kanal asalnya.",
                     "The reporter reads it on the channel they used.");
  }
  return visit.say("Disimpan dalam riwayat.", "Kept in the history.");
}

std::string_view files_hint(const Visit& visit, const Case& shown, const ActForm& form) {
  if (shown.view.confidential || form.event == Event::hold) {
    return visit.say("Hanya dilihat pelapor dan petugas.",
                     "Only the reporter and officers see them.");
  }
  return visit.say("Dilihat siapa pun yang membuka laporan ini.",
                   "Whoever opens the report sees them.");
}

void draw_agencies(const Visit& visit, Block form, const Case& shown, const Typed* typed) {
  const auto suggested = suggestion_of(shown.view);
  auto chosen = typed != nullptr ? typed->agency : std::string();
  if (chosen.empty() && suggested) chosen = suggested->agency.value();
  auto select = form.add("AGENCIES");
  for (const auto& agency : visit.organisation().agencies) {
    auto option = select.add("OPTION");
    option.set("VALUE", agency.id.value());
    option.set("LABEL", agency.name);
    option.show_if("CHOSEN", agency.id.value() == chosen);
  }
}

void draw_units(const Visit& visit, Block form, const Case& shown, const Typed* typed) {
  const auto usual = usual_unit(visit.organisation(), shown.view);
  auto chosen = typed != nullptr ? typed->unit : std::string();
  if (chosen.empty() && shown.view.unit.empty()) chosen = usual.unit.value();
  auto select = form.add("UNITS");
  for (const auto& unit : visit.organisation().units) {
    if (unit.agency != shown.view.agency) continue;
    auto option = select.add("OPTION");
    option.set("VALUE", unit.id.value());
    option.set("LABEL", unit.name);
    option.show_if("CHOSEN", unit.id.value() == chosen);
  }
}

/// The options of a select.
class Choice {
 public:
  Choice(Block select, const char* section, std::string_view chosen)
      : select_(select), section_(section), chosen_(chosen) {}
  void offer(std::string_view value, std::string_view label) {
    auto option = select_.add(section_);
    option.set("VALUE", value);
    option.set("LABEL", label);
    option.show_if("CHOSEN", value == chosen_);
    kept_ = kept_ || value == chosen_;
  }
  /// What is offered to nobody any more stays with who has it, whatever else the form changes.
  void keep_chosen(std::string_view label) {
    if (!kept_ && !chosen_.empty()) offer(chosen_, label);
  }

 private:
  Block select_;
  const char* section_;
  std::string_view chosen_;
  bool kept_ = false;
};

void draw_correction(const Visit& visit, Block form, const Case& shown, const Typed* typed) {
  const auto& organisation = visit.organisation();
  auto block = form.add("CORRECTION");
  block.set("TITLE_VALUE", typed != nullptr ? typed->title : shown.view.title);
  const auto category = typed != nullptr ? CategoryId(typed->category) : shown.view.category;
  Choice categories(block, "CATEGORY_OPTION", category.value());
  for (const auto& each : organisation.categories) {
    if (organisation.is_heading(each)) continue;
    categories.offer(each.id.value(), category_name(organisation, each.id, visit.language));
  }
  categories.keep_chosen(category_name(organisation, category, visit.language));
  const auto kind = typed != nullptr ? KindId(typed->kind) : shown.view.kind;
  Choice kinds(block, "KIND_OPTION", kind.value());
  for (const auto& each : organisation.kinds) {
    kinds.offer(each.id.value(), kind_name(organisation, each.id, visit.language));
  }
  kinds.keep_chosen(kind_name(organisation, kind, visit.language));
  block.show_if("IS_ANONYMOUS", typed != nullptr ? typed->anonymous : shown.view.anonymous);
  block.show_if("IS_CONFIDENTIAL",
                typed != nullptr ? typed->confidential : shown.view.confidential);
}

/// `tried`: what was tried by this form, if anything was.
void draw_form(const Visit& visit, Block page, const Case& shown, const ActForm& form,
               const Attempt* tried, bool open) {
  const auto* typed = tried != nullptr ? &*tried->typed : nullptr;
  const bool asks = form.takes_words || form.needs.reason || form.needs.agency || form.needs.unit ||
                    form.needs.report || form.event == Event::correct;
  auto block = page.add("ACT");
  block.set("EVENT", kanal::name(form.event));
  block.set("ACT_LABEL", form.redirects ? redirect_words(form.event, visit.language)
                                        : act_words(form.event, visit.language));
  block.set("ACT_BUTTON", is_serious(form.event) ? "btn-danger" : "btn-primary");
  if (!asks) {
    block.show("PLAIN");
    return;
  }
  auto details = block.add("DETAILS");
  details.show_if("OPEN", open);
  if (tried != nullptr && !tried->problem.empty()) {
    details.add("ACT_PROBLEM").set("PROBLEM", tried->problem);
  }
  if (form.needs.agency) draw_agencies(visit, details, shown, typed);
  if (form.needs.unit) draw_units(visit, details, shown, typed);
  if (form.needs.report) {
    details.add("OTHER").set("OTHER_VALUE", typed != nullptr ? typed->other : std::string());
  }
  if (form.event == Event::correct) draw_correction(visit, details, shown, typed);
  if (form.needs.reason || form.takes_words) {
    const bool words = form.takes_words;
    auto area = details.add("AREA");
    area.set("AREA_NAME", words ? "words" : "reason");
    area.set("AREA_LABEL", act_prompt(form.event, visit.language));
    area.set("AREA_HINT", words_hint(visit, form, shown.view.confidential));
    if (typed != nullptr) area.set("AREA_VALUE", words ? typed->words : typed->reason);
    area.set("ROWS", form.event == Event::answer ? "8" : "4");
    area.show_if("AREA_PREVIEW", can_preview(form));
  }
  if (can_preview(form)) {
    const bool has_one = tried != nullptr && !tried->preview.empty();
    details.add("PREVIEW").set("PREVIEW_PIECE",
                               has_one ? tried->preview : no_preview(visit, form.event));
  }
  if (form.takes_files) {
    auto chooser = details.add("CHOOSER");
    chooser.set("CHOOSER_HINT", files_hint(visit, shown, form));
    chooser.set("MOST_FILES", static_cast<long long>(k_most_line_files));
    chooser.set("MOST_BYTES", static_cast<long long>(k_most_line_file_bytes));
    chooser.show_if("CHOOSE_AGAIN", tried != nullptr && tried->lost_files);
    details.show("WITH_FILES");
  }
}

std::string who(const Visit& visit, const Entry& entry, std::map<OfficerId, std::string>& known) {
  if (entry.actor.role == Role::system) return std::string(visit.say("Sistem", "System"));
  const auto role = std::string(role_words(entry.actor.role, visit.language));
  auto name = officer_name(visit, entry.actor.officer, known);
  if (!entry.actor.officer) name = unit_name(visit.organisation(), entry.actor.unit);
  return name.empty() ? role : name + ", " + role;
}

std::string_view dot_of(const Entry& entry) {
  switch (entry.event) {
    case Event::escalate:
    case Event::advise:
    case Event::give_back:
    case Event::dispute:
    case Event::reject:
      return "red";
    case Event::answer:
    case Event::confirm:
    case Event::rate:
      return "green";
    case Event::note:
    case Event::correct:
    case Event::comment:
      return "grey";
    default:
      return "blue";
  }
}

void draw_place(const Visit& visit, Block line, const Entry& entry) {
  if (entry.event != Event::verify && entry.event != Event::dispose &&
      entry.event != Event::give_back) {
    return;
  }
  const auto unit = unit_name(visit.organisation(), entry.unit);
  const auto place = unit.empty() ? agency_name(visit.organisation(), entry.agency) : unit;
  if (!place.empty()) line.add("WHERE").set("PLACE", place);
}

/// Whether the line leads to the other report.
Result<bool> draw_other(const Visit& visit, Block line, const Entry& entry) {
  if (!entry.other) return false;
  const auto other = TRY(visit.desk.parts.store.report(entry.other));
  if (!other) return false;
  const auto seen = view(*other, {}, visit.viewer(), Output::page);
  if (!seen.visible) return false;
  auto link = line.add("RELATED");
  link.set("RELATED_CODE", seen.code.value());
  link.set("RELATED_WORDS", grouped(seen.code));
  return true;
}

}  // namespace

std::string officer_name(const Visit& visit, OfficerId id,
                         std::map<OfficerId, std::string>& known) {
  if (!id) return {};
  const auto [at, fresh] = known.try_emplace(id);
  if (fresh) {
    const auto officer = visit.desk.parts.store.officer(id);
    if (officer && *officer) at->second = (*officer)->name;
  }
  return at->second;
}

std::string way_words(const Visit& visit, const Reply& reply) {
  auto way = std::string(visit.channel(reply.channel));
  if (!reply.office) return way;
  const auto unit = unit_name(visit.organisation(), reply.office->unit);
  return way + " → " +
         (unit.empty() ? agency_name(visit.organisation(), reply.office->agency) : unit);
}

std::string reply_name(const Visit& visit, const Reply& reply, std::span<const Entry> history) {
  auto subject = shown_words(reply).subject;
  // A conversation keeps its subject; messages to offices have one each.
  if ((reply.office || !reply.report) && !subject.empty()) return subject;
  const auto step = std::ranges::find(history, reply.step, &Entry::step);
  if (step != history.end()) return std::string(event_words(*step, visit.language));
  const bool receipt = reply.acknowledgement && reply.reached == State::received;
  return std::string(receipt ? event_words(Event::receive, visit.language)
                             : state_words(reply.reached, visit.language));
}

std::string segments_words(const Visit& visit, const ChannelName& name, std::int64_t segments) {
  const auto& channels = visit.desk.parts.channels;
  const auto channel = std::ranges::find(channels, name, &WebParts::Channel::name);
  auto words = std::to_string(segments) + " SMS";
  if (channel == channels.end() || !channel->segment_price) return words;
  return words + " · " + print_cost(*channel->segment_price, segments);
}

void FileGroups::add(const Attachment& attachment, std::string_view address) {
  const bool picture = is_picture(attachment);
  auto& group = picture ? pictures_ : files_;
  if (!group) group = block_.add(picture ? pictures_name_ : files_name_);
  auto row = group->add("FILE");
  row.set("FILE_HREF", address);
  row.set("FILE_NAME", file_words(attachment, language_));
  row.set("FILE_SIZE", size_words(attachment.size_bytes));
}

void draw_outcome(const Visit& visit, Block row, const OutboxRecord& record) {
  row.set("REPLY_STATE", reply_words(record.state, visit.language));
  row.set("REPLY_BADGE", reply_badge(record.state));
  row.set("CHANNEL", way_words(visit, record.reply));
  const auto at = record.settled_at.value_or(record.due_at);
  row.set("AT", visit.brief(at));
  row.set("AT_FULL", visit.date(at));
  const auto detail = redact_detail(record.detail);
  if (record.state == ReplyState::uncertain && record.reply.office) {
    // What the trouble is called speaks of a message that was not taken.
    auto block = row.add("DETAIL");
    block.set("DETAIL_TEXT",
              visit.say("Instansi mungkin sudah menerimanya.", "The office may have taken it."));
    if (!detail.empty()) block.add("AS_SAID").set("AS_SAID_TEXT", detail);
  } else if (!detail.empty() && record.state != ReplyState::delivered) {
    // Of what arrived, what stood in the way is over.
    draw_trouble(visit, row.add("DETAIL"), "DETAIL_TEXT", detail);
  }
  if (record.segments) {
    row.add("SEGMENTS")
        .set("SEGMENTS_WORDS", segments_words(visit, record.reply.channel, *record.segments));
  }
}

void draw_acts(const Visit& visit, Block page, const Case& shown, const Attempt& attempt) {
  const auto* typed = attempt.typed ? &*attempt.typed : nullptr;
  const bool waits = shown.view.state != State::answered && shown.view.state != State::closed;
  bool drawn = false;
  auto acts = page.add(shown.forms.empty() ? "NO_ACTS" : "ACTS");
  for (const auto& form : shown.forms) {
    const bool tried = typed != nullptr && typed->event == form.event;
    const bool open =
        tried || (typed == nullptr && waits && !drawn && !form.redirects && is_usual(form.event));
    draw_form(visit, acts, shown, form, tried ? &attempt : nullptr, open);
    drawn = true;
  }
  if (attempt.outdated) page.show("OUTDATED");
  if (!attempt.problem.empty()) page.add("WRONG").set("PROBLEM", attempt.problem);
  // What was written stays, even when its form has gone.
  if (typed == nullptr) return;
  const bool kept = std::ranges::count(shown.forms, typed->event, &ActForm::event) > 0;
  const auto& text = typed->words.empty() ? typed->reason : typed->words;
  if (!kept && !text.empty()) page.add("KEPT").set("KEPT_TEXT", text);
}

Result<> draw_history(const Visit& visit, Block page, const Case& shown) {
  std::map<OfficerId, std::string> known;
  for (auto entry = shown.view.history.rbegin(); entry != shown.view.history.rend(); ++entry) {
    auto line = page.add("ENTRY");
    line.set("DOT", dot_of(*entry));
    line.set("EVENT_WORDS", event_words(*entry, visit.language));
    line.set("AT", visit.brief(entry->at));
    line.set("AT_FULL", visit.date(entry->at));
    line.set("WHO", who(visit, *entry, known));
    draw_place(visit, line, *entry);
    const bool leads_on = TRY(draw_other(visit, line, *entry));
    const auto reason = reason_words(entry->reason, visit.organisation(), visit.language);
    if (!reason.empty()) line.add("REASON").set("REASON_TEXT", reason);
    FileGroups groups(visit.language, line, "LINE_PICTURES", "LINE_FILES");
    for (std::size_t i = 0; i < entry->files.size(); ++i) {
      groups.add(entry->files[i], shown.address() + "/history/" + std::to_string(entry->step) +
                                      "/" + std::to_string(i));
    }
    if (entry->words.empty() || entry->event == Event::receive) continue;
    // The casework's own note of a merger, which says no more than the link.
    if (leads_on && entry->words.starts_with('#') && parse_tracking_code(entry->words)) continue;
    auto said = line.add("SAID");
    said.set("SAID_TEXT", entry->words);
    said.show_if("SAID_INSIDE", entry->audience == Audience::officers);
  }
  return {};
}

void draw_posts(const Visit& visit, Block page, const Case& shown) {
  if (shown.posts.empty()) return;
  auto block = page.add("POSTS");
  constexpr std::size_t k_newest = 100;
  constexpr std::size_t k_all_read = 1000;
  const auto count = shown.posts.size();
  block.set("POST_COUNT", std::to_string(count) + (count > k_all_read ? "+" : ""));
  const auto first_of_newest = std::max(count, k_newest + 1) - k_newest;
  if (first_of_newest > 1) {
    auto more = block.add("MORE_POSTS");
    if (visit.may(Ability::read_posts)) {
      more.add("MORE_POSTS_LINK").set("MORE_POSTS_CODE", shown.view.code.value());
    }
  }
  for (std::size_t i = count; i-- > 0;) {
    if (i > 0 && i < first_of_newest) continue;
    const auto& post = shown.posts[i];
    auto row = block.add("POST");
    row.set("FATE", fate_words(post.fate, visit.language));
    row.set("CHANNEL", visit.channel(post.channel));
    row.set("AT", visit.brief(post.posted_at));
    row.set("AT_FULL", visit.date(post.posted_at));
    if (post.erased) {
      row.add("ERASED").set("ERASED_WHY",
                            reason_words(post.reason, visit.organisation(), visit.language));
    } else if (shown.view.may_see_attachments && !post.text.empty()) {
      row.add("POST_TEXT_BLOCK").set("POST_TEXT", shown_words(post).text);
    }
    if (visit.may(Ability::read_posts)) {
      row.add("POST_LINK").set("POST_ID", static_cast<long long>(post.id.value()));
    }
  }
}

void draw_replies(const Visit& visit, Block page, const Case& shown) {
  if (shown.replies.empty()) {
    page.show("NO_REPLIES");
    return;
  }
  for (const auto& record : std::views::reverse(shown.replies)) {
    auto row = page.add("REPLY");
    draw_outcome(visit, row, record);
    if (!shown.view.may_see_attachments) continue;
    const auto words = shown_words(record.reply);
    auto text = row.add(words.text.empty() ? "REPLY_ERASED" : "REPLY_TEXT_BLOCK");
    const auto name = reply_name(visit, record.reply, shown.view.history);
    text.set("REPLY_NAME", name);
    text.set("REPLY_TEXT", words.text);
    if (!words.subject.empty() && words.subject != name) {
      text.add("SUBJECT_BLOCK").set("SUBJECT", words.subject);
    }
  }
}

}  // namespace kanal::console
