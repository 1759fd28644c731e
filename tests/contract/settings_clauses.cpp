#include <algorithm>

#include "config/schema.hpp"
#include "format/json.hpp"
#include "tests/contract/channel.hpp"

// What a kind says about its settings, and what it makes of them.
namespace kanal::contract {
namespace {

using Items = std::vector<Description::Item>;

Problems check(const Kind& kind, const std::string& toml) {
  Problems problems;
  const auto table = Table::parse(toml, "kanal.toml", problems);
  if (problems.empty()) kind.check(table, nullptr, problems);
  return problems;
}

bool is_named(const Problems& problems, std::string_view key) {
  return std::ranges::any_of(problems, [&](const Problem& each) {
    return each.key == key && each.line > 0 && each.file == "kanal.toml" && !each.message.empty();
  });
}

void check_explained(const Items& items, const std::string& path) {
  for (const auto& item : items) {
    INFO(path + item.key);
    CHECK_FALSE(item.key.empty());
    CHECK(item.about.size() > 10);
    CHECK((item.about.ends_with('.') || item.about.ends_with(')')));
    check_explained(item.items, path + item.key + ".");
  }
}

void check_schema(const Json& schema, const Items& items) {
  REQUIRE(schema.find("properties") != nullptr);
  REQUIRE(schema.find("additionalProperties") != nullptr);
  CHECK_FALSE(schema.find("additionalProperties")->boolean);
  for (const auto& item : items) {
    INFO(item.key);
    const auto* property = schema.find("properties")->find(item.key);
    REQUIRE(property != nullptr);
    CHECK_FALSE(property->text("type").empty());
    CHECK(property->text("description") == item.about);
    if (!item.items.empty() && item.type == "table") check_schema(*property, item.items);
  }
}

/// The scalars below `items` as they would stand in a file, each by `value`.
std::string print_scalars(const Items& items, const std::string& path,
                          const std::function<std::string(const Description::Item&)>& value) {
  std::string text;
  std::string below;
  for (const auto& item : items) {
    if (item.type == "table") {
      below += print_scalars(item.items, path + item.key + ".", value);
    } else if (item.type != "tables" && item.type != "list" && item.type != "secret") {
      text += path + item.key + " = " + value(item) + "\n";
    }
  }
  return text + below;
}

std::string wrong_value(const Description::Item& item) {
  return item.type == "boolean" ? "\"text\"" : "true";
}

std::vector<std::string> keys_of(const Items& items, const std::string& path) {
  std::vector<std::string> keys;
  for (const auto& item : items) {
    if (item.type == "table") {
      for (auto& key : keys_of(item.items, path + item.key + ".")) keys.push_back(std::move(key));
    } else if (item.type != "tables" && item.type != "list" && item.type != "secret") {
      keys.push_back(path + item.key);
    }
  }
  return keys;
}

void find_secrets(const Items& items, const std::string& path, std::vector<std::string>& found) {
  for (const auto& item : items) {
    if (item.type == "secret") found.push_back(path + item.key);
    if (item.type == "table") find_secrets(item.items, path + item.key + ".", found);
  }
}

TEST_CASE("a kind has a name of its own and says what it is") {
  each_kind([](Channel& channel) {
    CHECK(find_kind(channel.kind.name()) == &channel.kind);
    CHECK(channel.kind.about().ends_with('.'));
  });
}

TEST_CASE("every setting is explained in a sentence") {
  each_kind(
      [](Channel& channel) { check_explained(channel.kind.settings().items, std::string()); });
}

TEST_CASE("the schema of the settings is JSON that knows every key and no other") {
  each_kind([](Channel& channel) {
    const auto description = channel.kind.settings();
    const auto schema = Json::parse(print_schema(description, channel.kind.name()));
    REQUIRE(schema);
    check_schema(*schema, description.items);
  });
}

TEST_CASE("the documentation of the settings names every key") {
  each_kind([](Channel& channel) {
    const auto description = channel.kind.settings();
    const auto page = print_documentation(description, "channel.NAME");
    for (const auto& item : description.items) {
      INFO(item.key);
      CHECK(page.find(item.key) != std::string::npos);
    }
  });
}

TEST_CASE("the settings of a channel that works are read without complaint") {
  each_kind([](Channel& channel) {
    const auto problems = check(channel.kind, channel.far->settings());
    INFO(print(problems));
    CHECK(problems.empty());
  });
}

TEST_CASE("what the documentation says is the default can be written down and read") {
  each_kind([](Channel& channel) {
    // What must be set has no default; its complaints are those of an empty file.
    const auto empty = check(channel.kind, "");
    const auto written =
        check(channel.kind, print_scalars(channel.kind.settings().items, "",
                                          [](const auto& item) { return item.fallback; }));
    for (const auto& problem : written) {
      INFO(print({problem}));
      const bool known =
          std::ranges::any_of(empty, [&](const Problem& each) { return each.key == problem.key; });
      const bool of_required = problem.message.find("missing") != std::string::npos ||
                               problem.message.find("must") != std::string::npos;
      CHECK((known || of_required));
    }
  });
}

TEST_CASE("every setting that is described is read: one of another type is refused by name") {
  each_kind([](Channel& channel) {
    const auto items = channel.kind.settings().items;
    const auto problems = check(channel.kind, print_scalars(items, "", wrong_value));
    for (const auto& key : keys_of(items, "")) {
      INFO(key);
      CHECK(is_named(problems, key));
    }
  });
}

TEST_CASE("a setting that nobody knows is refused by name") {
  each_kind([](Channel& channel) {
    const auto problems = check(channel.kind, "setting_of_nobody = 1\n" + channel.far->settings());
    CHECK(problems.size() == 1);
    CHECK(is_named(problems, "setting_of_nobody"));
    const auto made = channel.kind.create(
        ChannelName("channel"), parse_table("setting_of_nobody = 1\n" + channel.far->settings()),
        channel.around());
    REQUIRE_FALSE(made);
    CHECK(made.error().remedy == Remedy::reconfigure);
    CHECK(made.error().message.find("setting_of_nobody") != std::string::npos);
  });
}

TEST_CASE("a secret in plain text is refused and not repeated") {
  each_kind([](Channel& channel) {
    std::vector<std::string> secrets;
    find_secrets(channel.kind.settings().items, "", secrets);
    for (const auto& key : secrets) {
      INFO(key);
      const auto problems = check(channel.kind, key + " = \"" + std::string(k_secret) + "\"\n");
      CHECK(is_named(problems, key));
      CHECK_FALSE(tells(print(problems), k_secret));
    }
  });
}

}  // namespace
}  // namespace kanal::contract
