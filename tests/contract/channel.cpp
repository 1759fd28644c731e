#include "tests/contract/channel.hpp"

#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <string_view>
#include <unistd.h>

#include "connectors/kind_of.hpp"
#include "core/text.hpp"
#include "format/encode.hpp"
#include "format/post_json.hpp"

namespace kanal {

#define KANAL_KIND(name) std::unique_ptr<contract::FarSide> name##_far_side();
#include "connectors/kinds.def"
#undef KANAL_KIND

}  // namespace kanal

namespace kanal::contract {

namespace {

constexpr Time k_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2} +
                     std::chrono::hours(3)};
constexpr int k_most_turns = 200;

std::filesystem::path new_directory() {
  auto pattern = (std::filesystem::temp_directory_path() / "kanal-contract-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) std::abort();
  return pattern;
}

}  // namespace

std::unique_ptr<FarSide> far_side_of(const Kind& kind) {
#define KANAL_KIND(name) \
  if (&kind == &name##_kind()) return name##_far_side();
#include "connectors/kinds.def"
#undef KANAL_KIND
  return nullptr;
}

Channel::Channel(const Kind& of_kind)
    : kind(of_kind),
      far(far_side_of(of_kind)),
      clock(k_now),
      directory_(new_directory()),
      keys_(Keys::of_seed("contract")),
      organisation_(Organisation::shipped()) {
  if (far) {
    around_.reset(new Surroundings{clock, keys_, organisation_, far->http(), far->mail(),
                                   directory_ / "spool"});
  } else {
    WARN("the far side of " << std::string(kind.name()) << " cannot be had here");
  }
}

Channel::~Channel() {
  connector_.reset();
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
}

Connector& Channel::open() {
  connector_.reset();
  auto made = kind.create(ChannelName("channel"), parse_table(far->settings()), *around_);
  INFO((made ? "" : made.error().message));
  REQUIRE(made);
  connector_ = std::move(*made);
  return *connector_;
}

Batch Channel::read_all(const Cursor& since, Budget budget) {
  Batch all;
  all.next = since;
  for (int turn = 0; turn < k_most_turns; ++turn) {
    const bool started = !all.next.value.empty();
    auto batch = connector_->poll(all.next, budget);
    INFO((batch ? "" : batch.error().message));
    REQUIRE(batch);
    std::ranges::move(batch->posts, std::back_inserter(all.posts));
    std::ranges::move(batch->unreadable, std::back_inserter(all.unreadable));
    std::ranges::move(batch->signals, std::back_inserter(all.signals));
    const bool moved = !(batch->next == all.next);
    all.next = batch->next;
    // The first turn of all may only find the place to start from.
    if (!batch->more && (started || !moved)) return all;
  }
  FAIL("reading does not come to an end");
  return all;
}

Batch Channel::read_arrived(const Cursor& since) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(180);
  for (;;) {
    auto batch = read_all(since);
    if (!batch.posts.empty() || std::chrono::steady_clock::now() > end) return batch;
  }
}

Reply Channel::reply(int number) const {
  Reply reply;
  reply.id = OutboxId(number);
  reply.key = std::to_string(100 + number) + ".1.channel";
  reply.report = ReportId(100 + number);
  reply.step = 1;
  reply.code = TrackingCode("123456789016");
  reply.channel = ChannelName("channel");
  reply.address = far->address();
  reply.language = "id";
  reply.subject = "Laporan diterima";
  reply.text = "Laporan " + std::to_string(100 + number) + " Anda kami terima.";
  reply.acknowledgement = true;
  return reply;
}

FormOutcome Channel::fill_in(FormHost& host, const std::string& text, const std::string& token) {
  const auto forms = host.forms("id");
  REQUIRE_FALSE(forms.empty());
  const auto blank = host.blank(forms.front().name, "id", clock.now());
  REQUIRE(blank);
  std::vector<FormPart> parts;
  const auto add = [&](std::string_view name, std::string_view value) {
    FormPart part;
    part.name = name;
    part.value = value;
    parts.push_back(std::move(part));
  };
  add(k_form_token, token);
  for (const auto& field : blank->fields) {
    if (field.type == "textarea") {
      add(field.name, text);
    } else if (field.required && !field.choices.empty()) {
      add(field.name, field.choices.back().value);
    } else if (field.required) {
      add(field.name, "isi");
    }
  }
  FormSubmission submission;
  submission.form = forms.front().name;
  submission.parts = parts;
  submission.peer = "192.0.2.7";
  submission.host = "lapor.test";
  submission.language = "id";
  submission.now = clock.now();
  return host.submit(submission);
}

Table parse_table(const std::string& toml) {
  Problems problems;
  auto table = Table::parse(toml, "kanal.toml", problems);
  INFO(print(problems));
  REQUIRE(problems.empty());
  return table;
}

std::vector<std::string> ids_of(const Batch& batch) {
  std::vector<std::string> ids;
  for (const auto& post : batch.posts) ids.push_back(post.id.value());
  return ids;
}

std::string print_all(const Post& post) {
  auto text = print_post(post, "channel");
  for (const auto& part :
       {post.full_text, post.language, post.hints.thread_token, post.hints.tracking_code,
        post.hints.entrance, post.hints.automatic, post.hints.unanswered, post.hints.suspicion}) {
    text += "\n" + part;
  }
  for (const auto& reference : post.hints.references) text += "\n" + reference.value();
  return text;
}

void check_text(const Post& post) {
  const auto check = [](std::string_view what, std::string_view text) {
    INFO(std::string(what));
    CHECK(is_utf8(text));
    CHECK(text.find('\0') == std::string_view::npos);
  };
  check("id", post.id.value());
  check("author", post.author.id.value() + post.author.handle + post.author.name +
                      post.author.phone + post.author.email);
  check("text", post.text);
  check("full_text", post.full_text);
  check("language", post.language);
  const auto& hints = post.hints;
  check("hints", hints.subject + hints.category + hints.agency + hints.kind + hints.thread_token +
                     hints.tracking_code + hints.entrance + hints.automatic + hints.unanswered +
                     hints.suspicion);
  for (const auto& reference : hints.references) check("reference", reference.value());
  if (post.in_reply_to) check("in_reply_to", post.in_reply_to->value());
  if (post.place) check("place", post.place->address);
  for (const auto& attachment : post.attachments) {
    check("attachment", attachment.name + attachment.type);
  }
}

Overheard::Overheard() {
  std::fflush(nullptr);
  auto pattern = (std::filesystem::temp_directory_path() / "kanal-heard-XXXXXX").string();
  file_ = mkstemp(pattern.data());
  if (file_ < 0) std::abort();
  ::unlink(pattern.c_str());
  out_ = ::dup(STDOUT_FILENO);
  error_ = ::dup(STDERR_FILENO);
  ::dup2(file_, STDOUT_FILENO);
  ::dup2(file_, STDERR_FILENO);
}

Overheard::~Overheard() {
  std::fflush(nullptr);
  ::dup2(out_, STDOUT_FILENO);
  ::dup2(error_, STDERR_FILENO);
  for (const int each : {out_, error_, file_}) ::close(each);
}

std::string Overheard::text() const {
  std::fflush(nullptr);
  std::string text;
  char buffer[4096];
  off_t at = 0;
  for (;;) {
    const auto count = ::pread(file_, buffer, sizeof buffer, at);
    if (count <= 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    at += count;
  }
}

bool tells(std::string_view text, std::string_view secret) {
  const auto has = [&](std::string_view what) { return text.find(what) != std::string_view::npos; };
  if (has(secret) || has(to_hex(secret))) return true;
  // Base 64 of the secret's middle looks different at each of three places; its ends depend on what
  // stands beside it.
  for (std::size_t skipped = 0; skipped < 3; ++skipped) {
    auto inner = secret.substr(skipped);
    inner = inner.substr(0, inner.size() / 3 * 3);
    if (has(to_base64(inner)) || has(to_base64url(inner))) return true;
  }
  return false;
}

}  // namespace kanal::contract
