#include "router/unstored.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "core/tracking_code.hpp"
#include "format/encode.hpp"
#include "format/json.hpp"

namespace kanal {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_most_kept = 20'000;
/// As uploads leave it: the database is to come back.
constexpr std::uintmax_t k_disk_reserve_bytes = 256U << 20U;
constexpr std::size_t k_name_digits = 20;
constexpr std::size_t k_name_length = k_name_digits + 1 + 16;
constexpr std::string_view k_ending = ".kept";
constexpr std::string_view k_unfinished = ".new";
constexpr std::string_view k_apart = ".unreadable";
constexpr std::string_view k_given_out = ".out";

// Both ways in one place: a hint that is only written, or only read, cannot be; and none is
// forgotten, as a new one does not compile here.
template <class AnyHints, class Visitor>
void visit_hints(AnyHints& hints, Visitor& visit) {
  auto& [subject, category, agency, kind, anonymous, confidential, references, told, thread_token,
         tracking_code, entrance, automatic, unanswered, passed_on, passes_on, from_office, edition,
         opens, threadless, uncalled, goes_on, suspicion] = hints;
  visit("subject", subject);
  visit("category", category);
  visit("agency", agency);
  visit("kind", kind);
  visit("anonymous", anonymous);
  visit("confidential", confidential);
  visit("references", references);
  visit("told", told);
  visit("thread_token", thread_token);
  visit("tracking_code", tracking_code);
  visit("entrance", entrance);
  visit("automatic", automatic);
  visit("unanswered", unanswered);
  visit("passed_on", passed_on);
  visit("passes_on", passes_on);
  visit("from_office", from_office);
  visit("edition", edition);
  visit("opens", opens);
  visit("threadless", threadless);
  visit("uncalled", uncalled);
  visit("goes_on", goes_on);
  visit("suspicion", suspicion);
}

template <class AnyPost, class Visitor>
void visit_post(AnyPost& post, Visitor visit) {
  visit("id", post.id);
  visit("in_reply_to", post.in_reply_to);
  visit("author", post.author.id);
  visit("handle", post.author.handle);
  visit("name", post.author.name);
  visit("phone", post.author.phone);
  visit("email", post.author.email);
  visit("proven", post.author.proven);
  visit("text", post.text);
  visit("full_text", post.full_text);
  visit("language", post.language);
  visit("attachments", post.attachments);
  visit("place", post.place);
  visit("posted_at", post.posted_at);
  // Raw messages are bytes, not text.
  visit("payload", post.payload);
  visit_hints(post.hints, visit);
}

class Writer {
 public:
  explicit Writer(JsonWriter& out) : out_(out) {}
  void operator()(std::string_view name, const std::string& text) {
    if (name == "payload") {
      out_.member(name, to_base64(text));
    } else if (!text.empty()) {
      out_.member(name, text);
    }
  }
  void operator()(std::string_view name, bool truth) { out_.member(name, truth); }
  void operator()(std::string_view name, const ExternalId& id) { out_.member(name, id.value()); }
  void operator()(std::string_view name, const std::optional<ExternalId>& id) {
    if (id) out_.member(name, id->value());
  }
  void operator()(std::string_view name, const std::vector<ExternalId>& ids) {
    out_.key(name).begin_array();
    for (const auto& id : ids) out_.value(id.value());
    out_.end_array();
  }
  void operator()(std::string_view name, const Time& time) {
    out_.member(name, static_cast<std::int64_t>(time.time_since_epoch().count()));
  }
  void operator()(std::string_view name, const std::optional<Place>& place) {
    if (!place) return;
    out_.key(name).begin_object().member("address", place->address);
    if (place->latitude) out_.member("latitude", *place->latitude);
    if (place->longitude) out_.member("longitude", *place->longitude);
    out_.end_object();
  }
  void operator()(std::string_view name, const std::vector<Attachment>& files) {
    out_.key(name).begin_array();
    for (const auto& file : files) {
      out_.begin_object().member("name", file.name).member("type", file.type);
      out_.member("file", file.file.string()).member("size_bytes", file.size_bytes).end_object();
    }
    out_.end_array();
  }

 private:
  JsonWriter& out_;
};

class Reader {
 public:
  explicit Reader(const Json& from) : from_(from) {}
  void operator()(std::string_view name, std::string& text) {
    text = from_.text(name);
    if (name == "payload") text = from_base64(text).value_or(std::string());
  }
  void operator()(std::string_view name, bool& truth) {
    const auto* found = from_.find(name);
    truth = found != nullptr && found->boolean;
  }
  void operator()(std::string_view name, ExternalId& id) { id = ExternalId(from_.text(name)); }
  void operator()(std::string_view name, std::optional<ExternalId>& id) {
    if (from_.find(name) != nullptr) id = ExternalId(from_.text(name));
  }
  void operator()(std::string_view name, std::vector<ExternalId>& ids) {
    for (const auto& each : list(name)) ids.emplace_back(each.string);
  }
  void operator()(std::string_view name, Time& time) {
    const auto* found = from_.find(name);
    if (found != nullptr) time = Time(Time::duration(found->integer));
  }
  void operator()(std::string_view name, std::optional<Place>& place) {
    const auto* found = from_.find(name);
    if (found == nullptr) return;
    place =
        Place{degrees(*found, "latitude"), degrees(*found, "longitude"), found->text("address")};
  }
  void operator()(std::string_view name, std::vector<Attachment>& files) {
    for (const auto& each : list(name)) {
      Attachment file;
      file.name = each.text("name");
      file.type = each.text("type");
      file.file = each.text("file");
      const auto* size = each.find("size_bytes");
      file.size_bytes = size == nullptr ? 0 : static_cast<std::uint64_t>(size->integer);
      files.push_back(std::move(file));
    }
  }

 private:
  [[nodiscard]] const std::vector<Json>& list(std::string_view name) const {
    static const std::vector<Json> none;
    const auto* found = from_.find(name);
    return found == nullptr ? none : found->array;
  }
  static std::optional<double> degrees(const Json& place, std::string_view name) {
    const auto* found = place.find(name);
    if (found == nullptr) return std::nullopt;
    return found->type == Json::Type::integer ? static_cast<double>(found->integer) : found->number;
  }
  const Json& from_;
};

void print(JsonWriter& out, const Post& post) {
  out.begin_object();
  visit_post(post, Writer(out));
  out.end_object();
}

Post read_post(const Json& from) {
  Post post;
  visit_post(post, Reader(from));
  return post;
}

void print(JsonWriter& out, const Signal& signal) {
  out.begin_object().member("kind", static_cast<int>(signal.kind));
  out.member("reply_key", signal.reply_key).member("subject", signal.subject.value());
  out.member("detail", signal.detail).member("permanent", signal.permanent).end_object();
}

Signal read_signal(const Json& from) {
  Signal signal;
  const auto* kind = from.find("kind");
  const auto* permanent = from.find("permanent");
  if (kind != nullptr && kind->integer >= 0 &&
      kind->integer <= static_cast<int>(Signal::Kind::deletion)) {
    signal.kind = static_cast<Signal::Kind>(kind->integer);
  }
  signal.reply_key = from.text("reply_key");
  signal.subject = ExternalId(from.text("subject"));
  signal.detail = from.text("detail");
  signal.permanent = permanent != nullptr && permanent->boolean;
  return signal;
}

std::string print(const Unstored::Kept& kept) {
  JsonWriter out;
  out.begin_object().member("channel", kept.channel.value());
  out.key("posts").begin_array();
  for (const auto& post : kept.received.posts) print(out, post);
  out.end_array().key("codes").begin_array();
  for (const auto& code : kept.codes) out.value(code.value());
  out.end_array().key("unreadable").begin_array();
  for (const auto& each : kept.received.unreadable) {
    out.begin_object().member("id", each.id.value());
    out.member("payload", to_base64(each.payload)).member("reason", each.reason).end_object();
  }
  out.end_array().key("signals").begin_array();
  for (const auto& signal : kept.received.signals) print(out, signal);
  out.end_array().end_object();
  return out.take();
}

Unstored::Kept read_kept(const Json& from) {
  Unstored::Kept kept;
  kept.channel = ChannelName(from.text("channel"));
  const auto each_of = [&](std::string_view name, const auto& take) {
    const auto* list = from.find(name);
    if (list != nullptr) std::ranges::for_each(list->array, take);
  };
  each_of("posts", [&](const Json& each) { kept.received.posts.push_back(read_post(each)); });
  each_of("codes", [&](const Json& each) { kept.codes.emplace_back(each.string); });
  each_of("unreadable", [&](const Json& each) {
    kept.received.unreadable.push_back({ExternalId(each.text("id")),
                                        from_base64(each.text("payload")).value_or(std::string()),
                                        each.text("reason")});
  });
  each_of("signals", [&](const Json& each) { kept.received.signals.push_back(read_signal(each)); });
  return kept;
}

bool sync(const fs::path& file) {
  const int opened = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0) return false;
  const bool synced = ::fsync(opened) == 0;
  ::close(opened);
  return synced;
}

bool write_synced(const fs::path& file, std::string_view bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  return !out.fail() && sync(file);
}

// By a name of its own where that can be, as whose it is may go on with it.
bool put_copy(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  return !error || fs::copy_file(from, to, error);
}

std::int64_t number_of(const std::string& name) {
  std::int64_t number = 0;
  std::from_chars(name.data(), name.data() + std::min(k_name_digits, name.size()), number);
  return number;
}

}  // namespace

std::string print_whole(const Post& post) {
  JsonWriter out;
  print(out, post);
  return out.take();
}

Result<Post> read_whole(std::string_view json) {
  return read_post(TRY(Json::parse(json)));
}

Unstored::Unstored(fs::path directory, const Keys& keys)
    : directory_(std::move(directory)), keys_(keys) {}

fs::path Unstored::path(const std::string& name, std::string_view ending) const {
  return directory_ / (name + std::string(ending));
}

Result<std::unique_ptr<Unstored>> Unstored::open(fs::path directory, const Keys& keys) {
  std::error_code error;
  fs::create_directories(directory, error);
  if (error) return fail(Remedy::reconfigure, directory.string() + " cannot be made");
  fs::permissions(directory, fs::perms::owner_all, error);
  std::unique_ptr<Unstored> made(new Unstored(std::move(directory), keys));
  made->find();
  return made;
}

// And sweeps what a process that was killed had begun to write, or to forget.
void Unstored::find() {
  std::error_code error;
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    const auto& file = entry.path();
    if (file.extension() != k_ending) {
      others.push_back(file);
      continue;
    }
    const auto name = file.stem().string();
    const auto kept = open_kept(name);
    put_in(name, kept.value_or(Kept()));
  }
  for (const auto& file : others) {
    const auto name = file.filename().string().substr(0, k_name_length);
    const bool belongs = entries_.contains(name) || fs::exists(path(name, k_apart), error);
    const bool unfinished = file.extension() == k_unfinished || file.extension() == k_given_out;
    if (!belongs || unfinished) fs::remove(file, error);
  }
}

TrackingCode Unstored::code_of(const ChannelName& channel, const Post& post) const {
  // No other message of this purpose begins with a word.
  auto message = "number " + channel.value() + '\n' + post.id.value() + '\n' + post.text;
  for (const auto& file : post.attachments) {
    message += '\n' + file.name + ' ' + std::to_string(file.size_bytes);
  }
  const auto tag = keys_.mac(Purpose::tracking, message);
  std::uint64_t drawn = 0;
  std::memcpy(&drawn, tag.data(), sizeof drawn);
  return make_tracking_code(drawn);
}

void Unstored::put_in(const std::string& name, const Kept& kept) {
  const std::scoped_lock lock(mutex_);
  newest_ = std::max(newest_, number_of(name));
  entries_[name] = kept.codes;
  codes_.insert(kept.codes.begin(), kept.codes.end());
}

bool Unstored::has(const Kept& kept) const {
  const auto& received = kept.received;
  if (!received.signals.empty() || !received.unreadable.empty()) return false;
  const std::scoped_lock lock(mutex_);
  return std::ranges::all_of(kept.codes,
                             [&](const TrackingCode& code) { return codes_.contains(code); });
}

Result<> Unstored::keep(const Kept& kept) {
  if (has(kept)) return {};
  std::error_code error;
  const auto space = fs::space(directory_, error);
  if (error || space.available < k_disk_reserve_bytes || count() >= k_most_kept) {
    return fail(Remedy::retry, "no room is left to keep messages until the database is back");
  }
  const auto name = next_name();
  auto ours = kept;
  auto written = write(name, ours);
  if (written) {
    put_in(name, kept);
    return written;
  }
  for (const auto& entry : fs::directory_iterator(directory_, error)) {
    const auto file = entry.path();
    if (file.filename().string().starts_with(name)) fs::remove(file, error);
  }
  return written;
}

// In the order in which they came, also after the clock was set back.
std::string Unstored::next_name() {
  using std::chrono::microseconds;
  const auto now = std::chrono::floor<microseconds>(std::chrono::system_clock::now());
  const std::scoped_lock lock(mutex_);
  newest_ = std::max<std::int64_t>(newest_ + 1, now.time_since_epoch().count());
  auto count = std::to_string(newest_);
  count.insert(0, k_name_digits - std::min(k_name_digits, count.size()), '0');
  return count + '-' + to_hex(random_bytes(8));
}

Result<> Unstored::write(const std::string& name, Kept& kept) {
  const auto failed = [&] {
    return fail(Remedy::retry, "what came cannot be written below " + directory_.string());
  };
  std::size_t number = 0;
  for (auto& post : kept.received.posts) {
    for (auto& attachment : post.attachments) {
      const auto file = path(name, '.' + std::to_string(number++));
      const bool written = attachment.file.empty() ? write_synced(file, attachment.bytes)
                                                   : put_copy(attachment.file, file) && sync(file);
      if (!written) return failed();
      attachment.file = file;
      attachment.bytes.clear();
    }
  }
  const auto aside = path(name, k_unfinished);
  if (!write_synced(aside, keys_.seal(Purpose::payload, print(kept)))) return failed();
  std::error_code error;
  fs::rename(aside, path(name, k_ending), error);
  if (error || !sync(directory_)) return failed();
  return {};
}

std::vector<std::string> Unstored::names() const {
  const std::scoped_lock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& [name, codes] : entries_) names.push_back(name);
  return names;
}

std::size_t Unstored::count() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

Result<Unstored::Kept> Unstored::open_kept(const std::string& name) const {
  const auto from = path(name, k_ending);
  std::ifstream file(from, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  const auto sealed = bytes.str();
  // For what is no fault of its own it must not be set apart.
  std::error_code error;
  if (!file.is_open() || sealed.size() != fs::file_size(from, error) || error) {
    return fail(Remedy::retry, name + " cannot be read now");
  }
  const auto json = keys_.unseal(Purpose::payload, sealed);
  const auto read = json ? Json::parse(*json) : tl::unexpected(json.error());
  if (!read) return fail(Remedy::drop, name + " cannot be read: " + read.error().message);
  return read_kept(*read);
}

Result<Unstored::Kept> Unstored::read(const std::string& name) const {
  auto kept = TRY(open_kept(name));
  std::size_t number = 0;
  for (auto& post : kept.received.posts) {
    for (auto& attachment : post.attachments) {
      // The store takes files away before it commits. They lie beside it, wherever that is by now.
      const auto file = path(name, '.' + std::to_string(number++));
      const fs::path given = file.string() + std::string(k_given_out);
      std::error_code error;
      fs::remove(given, error);
      // Of one that is gone the intake makes a person's matter.
      if (!put_copy(file, given) && fs::exists(file, error)) {
        return fail(Remedy::retry, file.string() + " cannot be read");
      }
      attachment.file = given;
    }
  }
  return kept;
}

void Unstored::take_out(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.extract(name);
  if (!found) return;
  for (const auto& code : found.mapped()) {
    if (const auto one = codes_.find(code); one != codes_.end()) codes_.erase(one);
  }
}

void Unstored::forget(const std::string& name) {
  take_out(name);
  std::error_code error;
  fs::remove(path(name, k_ending), error);
  for (std::size_t number = 0;; ++number) {
    const auto file = path(name, '.' + std::to_string(number));
    const bool removed = fs::remove(file, error);
    const bool was_given_out = fs::remove(file.string() + std::string(k_given_out), error);
    if (!removed && !was_given_out) return;
  }
}

void Unstored::set_apart(const std::string& name) {
  take_out(name);
  std::error_code error;
  fs::rename(path(name, k_ending), path(name, k_apart), error);
}

}  // namespace kanal
