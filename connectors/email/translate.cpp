#include "connectors/email/translate.hpp"

#include <algorithm>
#include <array>

#include <openssl/evp.h>

#include "connectors/email/authentication.hpp"
#include "connectors/email/automatic.hpp"
#include "connectors/email/bounce.hpp"
#include "connectors/email/subject.hpp"
#include "connectors/email/text.hpp"
#include "core/text.hpp"
#include "core/tracking_code.hpp"
#include "format/encode.hpp"

namespace kanal::email {
namespace {

constexpr std::size_t k_longest_text = 100'000;
constexpr std::size_t k_longest_full_text = 1'000'000;
constexpr std::chrono::hours k_longest_way{24 * 31};
constexpr std::chrono::hours k_clock_slack{1};
// Before what is kept of a mail that was not read whole, so that nobody takes it for the mail.
constexpr std::string_view k_headers_alone = "X-Kanal-Kept: headers\r\n";
constexpr std::string_view k_read_again =
    ": `kanal channel backfill` reads it again, a large one once most_mail_bytes allows it";

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return to_hex({reinterpret_cast<const char*>(digest.data()), size});
}

/// With the empty line at its end.
std::string_view head_of(std::string_view mail) {
  for (std::size_t at = 0; at < mail.size();) {
    const auto end = mail.find('\n', at);
    if (end == std::string_view::npos) break;
    const auto line = mail.substr(at, end - at);
    if (line.empty() || line == "\r") return mail.substr(0, end + 1);
    at = end + 1;
  }
  return mail;
}

/// The sender's clock, unless the server's contradicts it.
Time posted_at(const ParsedMail& mail, std::optional<Time> arrived) {
  if (!mail.date) return arrived.value_or(Time{});
  if (!arrived) return *mail.date;
  const bool likely =
      *mail.date <= *arrived + k_clock_slack && *mail.date >= *arrived - k_longest_way;
  return likely ? *mail.date : *arrived;
}

}  // namespace

ExternalId id_of(std::string_view message_id, std::string_view raw) {
  return message_id.empty() ? ExternalId("sha256:" + sha256_hex(raw))
                            : ExternalId(std::string(message_id));
}

std::string tracking_code_in(std::string_view text) {
  constexpr std::size_t most_marks = 50;
  std::size_t at = 0;
  for (std::size_t i = 0; i < most_marks; ++i) {
    at = text.find_first_of("#[", at);
    if (at == std::string_view::npos) break;
    ++at;
    const auto end = text.find_first_not_of("0123456789 .-", at);
    const auto digits = trim(text.substr(at, end == std::string_view::npos ? end : end - at));
    if (const auto code = parse_tracking_code(digits.substr(0, 40))) return code->value();
  }
  return {};
}

Translation::Translation(const Settings& settings, const Keys& keys)
    : tokens_(keys), authserv_id_(trim(settings.authserv_id)) {
  ours_.push_back(to_lower_ascii(trim(settings.address)));
  for (const auto& address : settings.also_ours) ours_.push_back(to_lower_ascii(trim(address)));
  for (const auto& address : settings.trusted_forwarders) {
    forwarders_.push_back(to_lower_ascii(trim(address)));
  }
}

Translation::Recipient Translation::recipient_of(const ParsedMail& mail) const {
  Recipient recipient;
  for (const auto& address : mail.recipients) {
    for (const auto& own : ours_) {
      const auto [local, domain] = split_address(own);
      const auto at = address.rfind('@');
      if (address.substr(at + 1) != domain || !address.starts_with(local)) continue;
      const auto rest = std::string_view(address).substr(local.size(), at - local.size());
      if (rest.empty()) {
        if (recipient.entrance.empty()) recipient.entrance = own;
      } else if (rest.starts_with("+t.") && !recipient.report) {
        recipient.report = tokens_.verify_report(rest.substr(3));
      } else if (rest.starts_with("+a.") && !recipient.answered_key) {
        recipient.answered_key = tokens_.verify_key(rest.substr(3));
      } else if (rest.starts_with("+b.") && !recipient.return_key) {
        recipient.return_key = tokens_.verify_key(rest.substr(3));
      } else if (rest.starts_with('+') && recipient.entrance.empty()) {
        recipient.entrance = address;
      }
    }
  }
  if (recipient.entrance.empty()) recipient.entrance = ours_.front();
  return recipient;
}

/// A list writes in its own name for whom a strict DMARC policy forbids others to write.
bool Translation::name_author(ParsedMail& mail) const {
  if (!mail.behind_from) return true;
  const auto is_one_of = [&](const std::vector<std::string>& addresses) {
    return std::ranges::find(addresses, mail.from) != addresses.end();
  };
  const bool trusted = is_one_of(forwarders_);
  if (!trusted && !is_list_of(mail, {&mail.from, 1})) return true;
  // Whoever calls themselves a list names whom they like.
  const bool believed = trusted || is_one_of(ours_);
  mail.from = std::move(mail.behind_from->address);
  if (!mail.behind_from->name.empty()) mail.from_name = std::move(mail.behind_from->name);
  // What a server vouches for is the list or the form.
  mail.one_author = false;
  return believed;
}

void Translation::fill_thread(const ParsedMail& mail, const Recipient& recipient,
                              Hints& hints) const {
  for (const auto& id : mail.in_reply_to) hints.references.emplace_back(id);
  for (auto id = mail.references.rbegin(); id != mail.references.rend(); ++id) {
    const ExternalId reference(*id);
    if (std::ranges::find(hints.references, reference) == hints.references.end()) {
      hints.references.push_back(reference);
    }
  }
  if (recipient.report) hints.thread_token = std::to_string(recipient.report->value());
  // The mail itself that is answered tells more than its report.
  for (const auto& reference : hints.references) {
    const auto key = tokens_.key_of_message_id(reference.value());
    const auto report = key ? report_of_key(*key) : ReportId();
    if (!report || report != recipient.report.value_or(report)) continue;
    hints.thread_token = *key;
    break;
  }
  if (recipient.answered_key) hints.thread_token = *recipient.answered_key;
}

Post Translation::post_of(ParsedMail mail, std::string raw, const Recipient& recipient,
                          std::optional<Time> arrived) const {
  const bool believed = name_author(mail);
  Post post;
  post.id = id_of(mail.message_id, raw);
  if (!mail.in_reply_to.empty()) post.in_reply_to = ExternalId(mail.in_reply_to.front());
  post.author.email = mail.from;
  post.author.name = std::move(mail.from_name);
  post.author.id = ExternalId(mail.from.empty() ? "unknown:" + post.id.value() : mail.from);
  auto& hints = post.hints;
  fill_thread(mail, recipient, hints);
  hints.tracking_code = tracking_code_in(mail.subject);
  const bool ours = !hints.thread_token.empty() || !hints.tracking_code.empty();
  hints.automatic = why_automatic(mail, tokens_, ours_, ours ? Answers::ours : Answers::others);
  if (hints.automatic.empty() && recipient.return_key) {
    hints.automatic = "it answers a return path, where only machines write";
  }
  hints.unanswered = why_unanswered(mail, ours_);
  hints.subject = mail.subject;
  hints.entrance = recipient.entrance;
  const auto vouching = authserv_id_.empty() ? Vouching::vouched : vouching_of(mail, authserv_id_);
  post.author.proven = believed && vouching == Vouching::vouched;
  // Whoever stands in its From would get our answer to what somebody else wrote.
  if (vouching == Vouching::refuted && hints.unanswered.empty()) {
    hints.unanswered = "its mail server found its sender to be forged (DMARC)";
  }
  const auto full = std::string(clip_utf8(trim(mail.text), k_longest_full_text));
  // What somebody else is quoted with may be the complaint.
  const auto mark = peel(mail.subject).mark;
  const bool answers = ours && mark != Subject::Mark::forward;
  post.text = std::string(clip_utf8(own_words(full, answers), k_longest_text));
  if (post.text.empty() && !(ours && mark == Subject::Mark::answer)) post.text = mail.subject;
  if (full != post.text) post.full_text = full;
  if (hints.tracking_code.empty()) hints.tracking_code = tracking_code_in(post.text);
  const auto secrecy = secrecy_in(mail.subject, post.text);
  const auto sensitivity = to_lower_ascii(trim(mail.header("sensitivity")));  // RFC 2156 §5.3.4
  hints.anonymous = secrecy.anonymous;
  hints.confidential = secrecy.confidential || sensitivity == "company-confidential" ||
                       sensitivity == "private" || sensitivity == "personal";
  post.language = guess_language(post.text);
  post.attachments = std::move(mail.attachments);
  post.posted_at = posted_at(mail, arrived);
  post.payload = std::move(raw);
  return post;
}

void Translation::add(std::string raw, std::optional<Time> arrived, Batch& batch) const {
  if (raw.starts_with(k_headers_alone)) {
    batch.unreadable.push_back(
        by_headers(std::move(raw), "this mail was not read whole", k_read_again));
    return;
  }
  auto mail = parse_mail(raw);
  if (!mail) {
    const auto id = id_of({}, raw);
    batch.unreadable.push_back({id, std::move(raw), mail.error().message});
    return;
  }
  const auto recipient = recipient_of(*mail);
  if (auto signal = read_bounce(*mail, tokens_, recipient.return_key)) {
    batch.signals.push_back(std::move(*signal));
    return;
  }
  batch.posts.push_back(post_of(std::move(*mail), std::move(raw), recipient, arrived));
}

Unreadable Translation::oversized(std::string headers, std::uint64_t size_bytes) const {
  return by_headers(std::move(headers),
                    "the mail is too large to be read (" + std::to_string(size_bytes) + " bytes)",
                    k_read_again);
}

Unreadable Translation::unfinished(std::string headers, std::uint64_t size_bytes,
                                   int breaks) const {
  return by_headers(std::move(headers),
                    "the connection broke " + std::to_string(breaks) +
                        " times while the mail was read (" + std::to_string(size_bytes) + " bytes)",
                    k_read_again);
}

Unreadable Translation::fatal(std::string mail) const {
  return by_headers(std::move(mail), "the bridge ended twice while this mail was read", {});
}

Unreadable Translation::by_headers(std::string mail, const std::string& why,
                                   std::string_view more) const {
  if (mail.starts_with(k_headers_alone)) mail.erase(0, k_headers_alone.size());
  const std::string headers(head_of(mail));
  std::string message_id;
  for (const auto& header : parse_fields(headers)) {
    if (header.name != "message-id" || !message_id.empty()) continue;
    auto ids = message_ids(header.value);
    if (!ids.empty()) message_id = std::move(ids.front());
  }
  auto id = id_of(message_id, headers);
  return {std::move(id), std::string(k_headers_alone) + headers,
          why + "; only its headers are kept here, the mail itself is in its mailbox" +
              std::string(more)};
}

}  // namespace kanal::email
