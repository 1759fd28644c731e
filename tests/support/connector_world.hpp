#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include <catch2/catch.hpp>

#include "connectors/kind.hpp"
#include "tests/support/no_http.hpp"
#include "tests/support/no_mail.hpp"

namespace kanal::test {

/// What a connector leans on, with nothing of the bridge behind it; `http` is its far side.
template <class FarSide = NoHttp>
struct ConnectorWorld {
  ManualClock clock;
  Keys keys = Keys::of_seed("connector");
  Organisation organisation;
  FarSide http;
  NoMail mail;
  Surroundings around{clock, keys, organisation, http, mail, {}};

  explicit ConnectorWorld(Time now, Organisation offices = {})
      : clock(now), organisation(std::move(offices)) {}

  /// A channel set as the TOML says.
  [[nodiscard]] Result<std::unique_ptr<Connector>> create(std::string_view kind,
                                                          const ChannelName& channel,
                                                          std::string_view toml) const {
    Problems problems;
    const auto table = Table::parse(toml, "kanal.toml", problems);
    INFO(print(problems));
    REQUIRE(problems.empty());
    return find_kind(kind)->create(channel, table, around);
  }
};

}  // namespace kanal::test
