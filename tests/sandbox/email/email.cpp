#include "tests/sandbox/email/email.hpp"

#include <algorithm>
#include <memory>

#include "connectors/email/compose.hpp"
#include "connectors/email/mime.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "format/json.hpp"
#include "tests/sandbox/control.hpp"
#include "tests/sandbox/email/imap.hpp"
#include "tests/sandbox/email/smtp.hpp"

namespace kanal::sandbox {

namespace email {
namespace {

constexpr std::size_t k_longest_unheard = 64U << 10U;
constexpr std::size_t k_most_listed = 500;

/// A value that ends its header line and no more.
std::string header_of(std::string_view text) {
  auto line = std::string(text);
  std::ranges::replace_if(
      line, [](unsigned char c) { return c < ' '; }, ' ');
  return kanal::email::encode_header_text(line, 20);
}

std::string compose(const Json& body, const std::string& from, const std::string& to,
                    const std::string& id) {
  const auto name = body.text("name");
  std::string mail = "From: " + (name.empty() ? "" : header_of(name) + " ") + "<" + from +
                     ">\r\nTo: <" + to + ">\r\nSubject: " + header_of(body.text("subject")) +
                     "\r\nDate: " + rfc5322_date(SystemClock().now()) + "\r\nMessage-ID: <" + id +
                     ">\r\n";
  const auto parent = body.text("in_reply_to");
  if (!parent.empty()) {
    mail +=
        "In-Reply-To: <" + header_of(parent) + ">\r\nReferences: <" + header_of(parent) + ">\r\n";
  }
  return mail +
         "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
         "Content-Transfer-Encoding: quoted-printable\r\n\r\n" +
         kanal::email::quoted_printable(body.text("text")) + "\r\n";
}

struct Listed {
  Mail mail;
  std::string folder;
};

void print(JsonWriter& json, const Listed& listed) {
  const auto& mail = listed.mail;
  const auto parsed = kanal::email::parse_mail(*mail.bytes);
  json.begin_object();
  if (parsed) {
    json.member("id", parsed->message_id).member("subject", parsed->subject);
    json.member("text", parsed->text).member("bounce", parsed->is_report);
    json.member("in_reply_to",
                parsed->in_reply_to.empty() ? std::string() : parsed->in_reply_to.front());
  }
  json.member("by", parsed ? parsed->from : mail.envelope.sender)
      .member("to", mail.envelope.recipient)
      .member("at", print_rfc3339(mail.arrived))
      .member("folder", listed.folder)
      .key("flags")
      .begin_array();
  for (const auto& flag : mail.flags) json.value(flag);
  json.end_array().end_object();
}

}  // namespace

MailServer::MailServer(const Ports& ports)
    : imap_(ports.channel,
            [this](Wire& wire) {
              if (is_open(wire, "* BYE [LIMIT] Too many simultaneous connections\r\n")) {
                ImapSession(wire, office_).run();
              }
            }),
      smtp_(ports.second,
            [this](Wire& wire) {
              if (is_open(wire, "421 4.7.0 Too many connections, slow down\r\n")) {
                SmtpSession(wire, office_).run();
              }
            }),
      face_(ports.control, [this](const Request& request) { return answer(request); }) {
  office_.open(std::string(k_office));
}

bool MailServer::is_open(Wire& wire, std::string_view too_many) const {
  const auto orders = office_.orders();
  if (orders.too_many) wire.write(too_many);
  if (orders.silent) {
    while (wire.read_line(k_longest_unheard)) {
    }
  }
  return !orders.away && !orders.silent && !orders.too_many;
}

std::vector<std::pair<std::string, std::string>> MailServer::addresses() const {
  return {{"host", "127.0.0.1"},
          {"imap_port", std::to_string(imap_.port())},
          {"smtp_port", std::to_string(smtp_.port())},
          {"address", std::string(k_office)},
          {"domain", std::string(k_domain)},
          {"password", std::string(k_password)},
          {"control", face_.url()}};
}

Answer MailServer::answer(const Request& request) {
  const auto called = request.method + " " + request.path;
  if (called == "POST /mails") return write(request);
  if (called == "GET /mails") return mails(request);
  if (called == "POST /faults") return fault(request);
  if (called == "DELETE /faults") {
    office_.order([](Orders& all) { all = Orders(); });
    return told();
  }
  if (called == "POST /numbers") {
    const auto account = PostOffice::account_of(parse_body(request).text("of"));
    if (account) office_.renumber(*account);
    return told();
  }
  return refused(404, "there is no " + called);
}

Answer MailServer::write(const Request& request) {
  const auto body = parse_body(request);
  const auto from = PostOffice::account_of(body.text("as"));
  const auto to = text_in(body, "to", k_office);
  if (!from || !PostOffice::account_of(to)) return refused(400, "that is no address here");
  auto raw = body.text("raw");
  auto id = new_message_id();
  if (raw.empty()) raw = compose(body, *from, to, id);
  Envelope envelope;
  envelope.sender = *from;
  envelope.recipient = to;
  if (!office_.deliver(envelope, raw)) return refused(507, "there is no room");
  JsonWriter json;
  json.begin_object().member("id", id).end_object();
  return told(json.take());
}

Answer MailServer::mails(const Request& request) {
  const auto of = PostOffice::account_of(request.parameter("of").value_or(""));
  if (!of) return refused(400, "whose?");
  std::vector<Listed> found;
  office_.with_all([&](std::map<std::string, PostOffice::Folders>& accounts) {
    for (const auto& [account, folders] : accounts) {
      for (const auto& [name, folder] : folders) {
        for (const auto& mail : folder.mails) {
          const bool sent = PostOffice::account_of(mail.envelope.sender) == of;
          if (account == *of || sent) found.push_back({mail, name});
        }
      }
    }
  });
  std::ranges::stable_sort(found, {}, [](const Listed& each) { return each.mail.arrived; });
  if (found.size() > k_most_listed) {
    found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(k_most_listed));
  }
  JsonWriter json;
  json.begin_object().key("mails").begin_array();
  for (const auto& each : found) print(json, each);
  json.end_array().end_object();
  return told(json.take());
}

Answer MailServer::fault(const Request& request) {
  const auto ordered = fault_in(parse_body(request));
  const auto& name = ordered.name;
  const std::map<std::string_view, int Orders::*> counted = {
      {"drop_literal", &Orders::drop_literal},
      {"greylist", &Orders::greylist},
      {"refuse", &Orders::refuse},
      {"bounce", &Orders::bounce},
      {"lost_answer", &Orders::lose_answer},
  };
  const std::map<std::string_view, bool Orders::*> standing = {
      {"silent", &Orders::silent},
      {"away", &Orders::away},
      {"refused", &Orders::refuse_login},
      {"too_many", &Orders::too_many},
  };
  const auto count = counted.find(name);
  const auto stand = standing.find(name);
  if (count == counted.end() && stand == standing.end() && name != "slow" && name != "hang_up") {
    std::vector<std::string_view> names = {"slow", "hang_up"};
    for (const auto& [each, order] : counted) names.push_back(each);
    for (const auto& [each, order] : standing) names.push_back(each);
    return unknown("fault", name, names);
  }
  office_.order([&](Orders& all) {
    if (count != counted.end()) all.*count->second = ordered.times;
    if (stand != standing.end()) all.*stand->second = true;
    if (name == "slow") all.slow = ordered.delay;
  });
  if (stand != standing.end() || name == "hang_up") {
    imap_.hang_up();
    smtp_.hang_up();
  }
  return told();
}

}  // namespace email

std::unique_ptr<FarSide> make_email(const Ports& ports);
std::unique_ptr<FarSide> make_email(const Ports& ports) {
  return std::make_unique<email::MailServer>(ports);
}

}  // namespace kanal::sandbox
