#pragma once

#include <string>
#include <utility>
#include <vector>

#include "router/offices.hpp"
#include "router/router_fixture.hpp"

namespace kanal::testing {

inline constexpr const char* k_address = "putr@contoh.go.id";

inline Organisation with_mailboxes() {
  auto organisation = Organisation::shipped();
  for (auto& unit : organisation.units) {
    if (unit.id.value() != "putr") continue;
    unit.handed_over.by = "email";
    unit.handed_over.channel = ChannelName("mail");
    unit.handed_over.address = k_address;
    unit.handed_over.also_from = {"@putr.contoh.go.id"};
  }
  for (auto& agency : organisation.agencies) {
    if (agency.id.value() == "buleleng") continue;
    agency.handed_over.by = "email";
    agency.handed_over.channel = ChannelName("mail");
    agency.handed_over.address = "kantor@" + agency.id.value() + ".go.id";
    agency.handed_over.language = "en";
  }
  return organisation;
}

/// The router where units and agencies keep mailboxes of their own.
struct House : Office {
  explicit House(Organisation with = with_mailboxes()) : Office(std::move(with)) {}

  Filing take(Post post) {
    const auto done = Office::take({std::move(post)});
    REQUIRE(done.filings.size() == 1);
    return done.filings[0];
  }
  /// At the unit, with a mail owed to it.
  Report handed(Post post = a_post("m1", "Jalan berlubang di depan pasar")) {
    const auto id = take(std::move(post)).report;
    act(id, to_agency());
    return act(id, to_unit());
  }
  std::vector<Reply> owed(ReportId id, bool to_an_office) {
    std::vector<Reply> mails;
    auto records = store->replies_of(id).value();
    for (auto& record : records) {
      if (record.reply.office.has_value() == to_an_office) {
        mails.push_back(std::move(record.reply));
      }
    }
    return mails;
  }
  std::vector<Reply> to_office(ReportId id) { return owed(id, true); }
  std::vector<Reply> to_people(ReportId id) { return owed(id, false); }
  /// What the office's mail program sends when somebody there answers the mail.
  Filing answers(const Reply& mail_to_it, const std::string& id, const std::string& text,
                 const std::string& from = k_address) {
    auto post = a_post(id, text, from);
    post.hints.thread_token = mail_to_it.key;
    return take(std::move(post));
  }
  Entry newest(ReportId id) { return store->history(id).value().back(); }
};

}  // namespace kanal::testing
