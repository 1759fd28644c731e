#include "web/console/messages.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"
#include "web/console/senders.hpp"
#include "web/console/words.hpp"
#include "web/files.hpp"
#include "web/shown_words.hpp"

namespace kanal::console {
namespace {

constexpr int k_per_page = 50;
constexpr std::size_t k_excerpt_bytes = 160;
constexpr auto k_fates =
    std::to_array<Fate>({Fate::report, Fate::joined, Fate::repeated, Fate::screened, Fate::held,
                         Fate::office, Fate::errand});

std::string field(const Request& request, std::string_view name) {
  return scrub_utf8(clip_utf8(trim(request.field(name)), 300));
}

std::optional<Fate> read_fate(std::string_view text) {
  const auto found =
      std::ranges::find_if(k_fates, [&](Fate fate) { return kanal::name(fate) == text; });
  return found == k_fates.end() ? std::nullopt : std::optional<Fate>(*found);
}

PostFilter read_filter(const Visit& visit) {
  PostFilter filter;
  const auto channel = field(visit.request, "channel");
  if (!channel.empty()) filter.channel = ChannelName(channel);
  filter.fate = read_fate(field(visit.request, "fate"));
  if (visit.may(Ability::search_senders)) filter.sender = field(visit.request, "sender");
  const auto id = field(visit.request, "id");
  if (const auto code = parse_tracking_code(id)) {
    filter.code = *code;
  } else {
    filter.external_id = id;
  }
  if (visit.may(Ability::read_reports)) filter.words = field(visit.request, "q");
  if (!filter.sender.empty() || !filter.words.empty()) {
    filter.without_confidential = !may_read_confidential(visit.viewer());
  }
  const auto before = field(visit.request, "before");
  std::from_chars(before.data(), before.data() + before.size(), filter.before_id);
  filter.most = k_per_page + 1;
  return filter;
}

Result<> draw_filters(const Visit& visit, Block page, const PostFilter& filter) {
  if (visit.may(Ability::search_senders)) page.add("SENDER").set("SENDER_VALUE", filter.sender);
  if (visit.may(Ability::read_reports)) page.add("WORDS").set("WORDS_VALUE", filter.words);
  page.set("ID_VALUE", field(visit.request, "id"));
  for (const auto& name : TRY(visit.channels())) {
    auto option = page.add("CHANNEL_OPTION");
    option.set("VALUE", name.value());
    option.set("LABEL", visit.channel(name));
    option.show_if("CHOSEN", filter.channel == name);
  }
  for (const auto fate : k_fates) {
    auto option = page.add("FATE_OPTION");
    option.set("VALUE", kanal::name(fate));
    option.set("LABEL", fate_words(fate, visit.language));
    option.show_if("CHOSEN", filter.fate == fate);
  }
  return {};
}

std::string_view fate_badge(Fate fate) {
  switch (fate) {
    case Fate::report:
    case Fate::joined:
    case Fate::office:
      return "green";
    case Fate::held:
      return "orange";
    case Fate::quarantined:
      return "red";
    default:
      return "secondary";
  }
}

void draw_fate(const Visit& visit, Block row, const PostRecord& post) {
  row.set("FATE", fate_words(post.fate, visit.language));
  row.set("FATE_BADGE", fate_badge(post.fate));
  const auto reason = reason_words(post.reason, visit.organisation(), visit.language);
  if (!reason.empty()) row.add("REASON").set("REASON_TEXT", reason);
}

Result<> draw_row(const Visit& visit, Block page, const PostRecord& post) {
  const auto seen = TRY(see(visit, post));
  auto row = page.add("POST");
  row.set("POST_ID", static_cast<long long>(post.id.value()));
  row.set("CHANNEL", visit.channel(post.channel));
  row.set("AT", visit.brief(post.received_at));
  row.set("AT_FULL", visit.date(post.received_at));
  auto title = without_own_keys(post.subject);
  if (title.empty()) title = without_own_keys(clip_utf8(post.text, k_excerpt_bytes));
  if (post.erased) title = visit.say("(dihapus)", "(erased)");
  if (!seen.content) title = visit.say("Isi tidak ditampilkan", "Content not shown");
  row.set("POST_TITLE",
          title.empty() ? visit.say("(tanpa isi)", "(empty)") : std::string_view(title));
  row.show_if("POST_HIDDEN", !seen.content);
  draw_fate(visit, row, post);
  if (!seen.code.empty()) {
    auto link = row.add("REPORT");
    link.set("CODE", seen.code.value());
    link.set("CODE_WORDS", grouped(seen.code));
  }
  return {};
}

// A mail that nobody could read is in quarantine, and looked for here all the same.
Result<bool> draw_quarantined(const Visit& visit, Block page, const PostFilter& filter) {
  if (filter.external_id.empty() || !visit.may(Ability::read_quarantine)) return false;
  bool found = false;
  QuarantineFilter kept;
  kept.channel = filter.channel;
  kept.external_id = filter.external_id;
  for (const auto& record : TRY(visit.desk.parts.store.quarantine(kept))) {
    auto row = page.add("QUARANTINED");
    row.set("QUARANTINE_ID", static_cast<long long>(record.id.value()));
    row.set("QUARANTINE_REASON", redact_personal(record.reason));
    row.set("AT", visit.brief(record.at));
    row.set("AT_FULL", visit.date(record.at));
    found = true;
  }
  return found;
}

Result<Response> draw_list(const Visit& visit) {
  auto& store = visit.desk.parts.store;
  const auto filter = read_filter(visit);
  if (!filter.sender.empty()) {
    TRY(store.record(visit.session.actor(), "search_sender", "messages"));
  }
  auto posts = TRY(store.find_posts(filter));
  const bool more = posts.size() > static_cast<std::size_t>(k_per_page);
  if (more) posts.pop_back();
  auto page = visit.page("messages.html");
  auto top = page.top();
  draw_news(visit, top);
  TRY(draw_filters(visit, top, filter));
  top.show_if("MAY_BLOCK", visit.may(Ability::block_senders));
  bool any = TRY(draw_quarantined(visit, top, filter));
  if (!posts.empty()) {
    auto list = top.add("LIST");
    for (const auto& post : posts) TRY(draw_row(visit, list, post));
    any = true;
  }
  const bool narrowed = filter.channel || filter.fate || !filter.sender.empty() ||
                        !filter.external_id.empty() || !filter.words.empty();
  top.show_if("NARROWED", narrowed);
  if (!any) top.show(narrowed ? "NONE_MATCH" : "NONE_YET");
  if (more) {
    top.add("AFTER").set("AFTER_HREF", with_field(visit.request, "/console/messages", "before",
                                                  std::to_string(posts.back().id.value())));
  }
  return answer(visit, 200, visit.say("Pesan", "Messages"), page);
}

void draw_stages(const Visit& visit, Block page, const PostRecord& post, bool content) {
  const auto notes = Json::parse(post.stages);
  if (!notes || notes->array.empty()) return;
  auto block = page.add("STAGES");
  for (const auto& note : notes->array) {
    auto row = block.add("STAGE");
    row.set("STAGE_NAME", stage_words(note.text("stage"), visit.language));
    row.set("DECISION", reason_words(note.text("decision"), visit.organisation(), visit.language));
    row.set("WHY", reason_words(note.text("reason"), visit.organisation(), visit.language));
    // What a stage saw may quote the message.
    if (content) {
      row.set("EVIDENCE", reason_words(without_own_keys(note.text("evidence")),
                                       visit.organisation(), visit.language));
    }
  }
}

void draw_content(const Visit& visit, Block page, const PostRecord& post) {
  auto content = page.add("CONTENT");
  const auto words = shown_words(post);
  if (!words.subject.empty()) content.add("SUBJECT_BLOCK").set("SUBJECT", words.subject);
  content.set("TEXT", words.text.empty() ? visit.say("(tanpa isi)", "(empty)")
                                         : std::string_view(words.text));
  if (!post.full_text.empty() && post.full_text != post.text) {
    content.add("FULL").set("FULL_TEXT", without_own_keys(post.full_text));
  }
  if (post.attachments.empty()) return;
  auto files = content.add("FILES");
  for (const auto& attachment : post.attachments) {
    auto row = files.add("FILE");
    row.set("FILE_NAME", file_words(attachment, visit.language));
    row.set("FILE_SIZE", size_words(attachment.size_bytes));
  }
}

Result<std::optional<PostRecord>> find_post(const Visit& visit) {
  const auto& text = visit.request.parameters.at("post");
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || number <= 0) return std::optional<PostRecord>();
  return visit.desk.parts.store.post(PostId(number));
}

bool may_block(const Visit& visit, const PostRecord& post, const Seen& seen) {
  return visit.may(Ability::block_senders) && seen.sender && post.author;
}

Result<Response> draw_message(const Visit& visit) {
  const auto post = TRY(find_post(visit));
  if (!post) return missing(visit);
  const auto seen = TRY(see(visit, *post));
  auto page = visit.page("message_page.html");
  auto top = page.top();
  draw_news(visit, top);
  top.set("POST_ID", static_cast<long long>(post->id.value()));
  top.set("CHANNEL", visit.channel(post->channel));
  top.set("EXTERNAL_ID", post->external_id.value());
  const bool may_know_code = post->report ? !seen.code.empty() : seen.content;
  if (!post->code.empty() && may_know_code) {
    top.add("OWN_CODE").set("CODE_GIVEN", grouped(post->code));
  }
  top.set("POSTED_AT", visit.date(post->posted_at));
  top.set("RECEIVED_AT", visit.date(post->received_at));
  draw_fate(visit, top, *post);
  if (!seen.code.empty()) {
    auto link = top.add("REPORT");
    link.set("CODE", seen.code.value());
    link.set("CODE_WORDS", grouped(seen.code));
  }
  if (post->erased) {
    top.show("ERASED");
  } else if (seen.content) {
    draw_content(visit, top, *post);
  } else {
    top.show("HIDDEN");
  }
  draw_stages(visit, top, *post, seen.content);
  const bool waits = post->fate == Fate::screened || post->fate == Fate::held;
  const bool may_promote = visit.may(Ability::promote) && seen.content && !post->erased;
  if (waits && may_promote && visit.desk.parts.promote) {
    auto promote = top.add("PROMOTE");
    promote.set("PROMOTE_LABEL", post->report ? visit.say("Terima pesan ini", "Take it in")
                                              : visit.say("Jadikan laporan", "Make it a report"));
    promote.show_if("MAY_DISCARD", post->fate == Fate::held);
  }
  if (post->fate == Fate::joined && may_promote && visit.desk.parts.part) top.show("PART");
  if (may_block(visit, *post, seen)) {
    top.add("MAY_BLOCK")
        .set("SENDER", TRY(draw_sender(visit, post->author,
                                       "/console/messages/" + std::to_string(post->id.value()))));
  }
  top.show_if("RAW", visit.may(Ability::read_payloads) && !post->erased);
  return answer(visit, 200, visit.say("Pesan", "Message"), page);
}

Result<Response> make_report(const Visit& visit,
                             const std::function<Result<ReportId>(PostId, const Actor&)>& hook) {
  const auto post = TRY(find_post(visit));
  if (!post || !hook || !TRY(see(visit, *post)).content) return missing(visit);
  const auto made = TRY(hook(post->id, visit.session.actor()));
  return done("/console/reports/" + std::to_string(made.value()), "promoted");
}

Result<Response> promote(const Visit& visit) {
  return make_report(visit, visit.desk.parts.promote);
}

Result<Response> part(const Visit& visit) {
  return make_report(visit, visit.desk.parts.part);
}

Result<Response> discard(const Visit& visit) {
  const auto post = TRY(find_post(visit));
  if (!post || !TRY(see(visit, *post)).content) return missing(visit);
  const auto address = "/console/messages/" + std::to_string(post->id.value());
  const auto why = reason_given(visit);
  if (why.empty()) return ask_reason(visit, address);
  TRY(visit.desk.parts.store.discard(post->id, visit.session.actor(), why));
  return done(address, "discarded");
}

Result<Response> raw(const Visit& visit) {
  const auto post = TRY(find_post(visit));
  if (!post || post->erased) return missing(visit);
  auto& store = visit.desk.parts.store;
  const auto number = std::to_string(post->id.value());
  const auto why = reason_given(visit);
  if (why.empty()) return ask_reason(visit, "/console/messages/" + number);
  TRY(store.record(visit.session.actor(), "payload", "post " + number, why));
  const auto payload = TRY(store.payload(post->id));
  auto page = visit.page("raw.html");
  page.top().set("RAW_TITLE", visit.say("Pesan mentah", "Raw message"));
  page.top().set("RAW_BACK", "/console/messages/" + std::to_string(post->id.value()));
  page.top().set("RAW_TEXT", scrub_utf8(clip_utf8(payload, k_most_shown_bytes)));
  page.top().show_if("RAW_CUT", payload.size() > k_most_shown_bytes);
  page.top().show_if("RAW_EMPTY", payload.empty());
  return answer(visit, 200, visit.say("Pesan mentah", "Raw message"), page,
                "/console/messages/" + std::to_string(post->id.value()));
}

Result<Response> block(const Visit& visit) {
  const auto post = TRY(find_post(visit));
  if (!post || !may_block(visit, *post, TRY(see(visit, *post)))) return missing(visit);
  return block_sender(visit, post->author, "/console/messages/" + std::to_string(post->id.value()));
}

}  // namespace

Result<Seen> see(const Visit& visit, const PostRecord& post) {
  Seen seen;
  const bool hidden = post.confidential && !may_read_confidential(visit.viewer());
  if (!post.report) {
    seen.content = visit.may(Ability::read_reports) && !hidden;
    seen.sender = seen.content;
    return seen;
  }
  const auto report = TRY(visit.desk.parts.store.report(post.report));
  if (!report) return seen;
  const auto shown = view(*report, {}, visit.viewer(), Output::page);
  if (!shown.visible || !visit.may(Ability::read_reports)) return seen;
  seen.code = shown.code;
  seen.content = shown.may_see_attachments && !hidden;
  seen.sender = seen.content && shown.may_see_identity;
  return seen;
}

void add_messages(std::vector<Route>& routes, const SharedDesk& desk) {
  routes.push_back(page_route(desk, "/console/messages", Ability::read_posts, guarded(draw_list)));
  routes.push_back(
      page_route(desk, "/console/messages/{post}", Ability::read_posts, guarded(draw_message)));
  routes.push_back(
      form_route(desk, "/console/messages/{post}/promote", Ability::promote, guarded(promote)));
  routes.push_back(
      form_route(desk, "/console/messages/{post}/part", Ability::promote, guarded(part)));
  routes.push_back(
      form_route(desk, "/console/messages/{post}/discard", Ability::promote, guarded(discard)));
  routes.push_back(
      form_route(desk, "/console/messages/{post}/raw", Ability::read_payloads, guarded(raw)));
  routes.push_back(
      form_route(desk, "/console/messages/{post}/block", Ability::block_senders, guarded(block)));
}

}  // namespace kanal::console
