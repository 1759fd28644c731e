#include <algorithm>

#include "core/text.hpp"
#include "router/stages.hpp"

namespace kanal {

namespace {

std::string first_word(std::string_view words) {
  const auto end = words.find(' ', 1);
  return end == std::string_view::npos ? std::string() : std::string(words.substr(0, end + 1));
}

}  // namespace

Routes::Routes(const Organisation& organisation) : organisation_(organisation) {
  for (const auto& rule : organisation.rules) {
    Rule ready{&rule,
               {},
               rule.prefix.empty() ? std::string() : as_words(rule.prefix),
               rule.place.empty() ? std::string() : as_words(rule.place)};
    for (const auto& keyword : rule.keywords) ready.keywords.push_back(as_words(keyword));
    rules_.push_back(std::move(ready));
  }
  for (std::size_t index = 0; index < organisation.categories.size(); ++index) {
    for (const auto& keyword : organisation.categories[index].keywords) {
      auto words = as_words(keyword);
      if (words.size() <= 2) continue;
      by_first_word_[first_word(words)].push_back(keywords_.size());
      keywords_.push_back({index, std::move(words)});
    }
  }
  read_prefixes();
}

void Routes::read_prefixes() {
  constexpr std::size_t k_least_bytes = 3 + 2;  // with the blanks around it
  const auto add = [&](std::string_view name, const AgencyId& agency, const UnitId& unit) {
    auto words = as_words(name);
    if (words.size() >= k_least_bytes) prefixes_.push_back({std::move(words), agency, unit});
  };
  for (const auto& agency : organisation_.agencies) {
    add(agency.short_name, agency.id, {});
    for (const auto& alias : agency.aliases) add(alias, agency.id, {});
  }
  for (const auto& unit : organisation_.units) add(unit.short_name, unit.agency, unit.id);
  std::ranges::stable_sort(prefixes_, [](const Prefix& one, const Prefix& other) {
    return one.words.size() != other.words.size() ? one.words.size() > other.words.size()
                                                  : one.words < other.words;
  });
  // What several offices are called names none of them.
  std::vector<Prefix> clear;
  for (auto from = prefixes_.begin(); from != prefixes_.end();) {
    const auto to = std::find_if(from, prefixes_.end(),
                                 [&](const Prefix& each) { return each.words != from->words; });
    if (std::all_of(from, to, [&](const Prefix& each) { return each == *from; })) {
      clear.push_back(*from);
    }
    from = to;
  }
  prefixes_ = std::move(clear);
}

const Agency* Routes::named_agency(std::string_view name) const {
  if (name.empty()) return nullptr;
  if (const auto* agency = organisation_.agency(AgencyId(std::string(name)))) return agency;
  const auto words = as_words(name);
  const auto is_it = [&](const std::string& each) { return words == as_words(each); };
  for (const auto& agency : organisation_.agencies) {
    if (is_it(agency.name) || is_it(agency.short_name) ||
        std::ranges::any_of(agency.aliases, is_it)) {
      return &agency;
    }
  }
  return nullptr;
}

const Category* Routes::named_category(std::string_view name) const {
  if (name.empty()) return nullptr;
  if (const auto* category = organisation_.category(CategoryId(std::string(name)))) {
    return category;
  }
  for (const auto& category : organisation_.categories) {
    if (equals_ignoring_case(name, category.name_id) ||
        equals_ignoring_case(name, category.name_en)) {
      return &category;
    }
  }
  return nullptr;
}

const Routes::Rule* Routes::fitting(const Post& post, const ChannelRules& channel,
                                    std::string_view words) const {
  const auto start = first_word(words);
  std::string place;
  if (post.place) place = as_words(post.place->address);
  for (const auto& each : rules_) {
    const auto& rule = *each.rule;
    if (!rule.channel.empty() && rule.channel != channel.name.value() &&
        rule.channel != channel.kind) {
      continue;
    }
    if (!rule.entrance.empty() && !equals_ignoring_case(rule.entrance, post.hints.entrance)) {
      continue;
    }
    if (!each.prefix.empty() && !words.starts_with(each.prefix)) continue;
    if (!each.place.empty() && !has_words(place, each.place)) continue;
    const auto said = [&](const std::string& keyword) { return has_words(words, keyword); };
    if (!each.keywords.empty() && std::ranges::none_of(each.keywords, said)) continue;
    const bool says_nothing = rule.channel.empty() && rule.entrance.empty() &&
                              each.prefix.empty() && each.place.empty() && each.keywords.empty();
    if (!says_nothing) return &each;
  }
  return nullptr;
}

// Looks each word of the text up once, however many keywords there are.
const Category* Routes::category_of(std::string_view words, std::string& keyword) const {
  std::vector<std::size_t> said;
  for (std::size_t start = 0; start + 1 < words.size(); start = words.find(' ', start + 1)) {
    const auto rest = words.substr(start);
    const auto found = by_first_word_.find(rest.substr(0, rest.find(' ', 1) + 1));
    if (found == by_first_word_.end()) continue;
    for (const auto index : found->second) {
      if (rest.starts_with(keywords_[index].words)) said.push_back(index);
    }
  }
  // Keywords stand in the order of their categories.
  std::ranges::sort(said);
  said.erase(std::unique(said.begin(), said.end()), said.end());
  const Category* best = nullptr;
  std::size_t most = 0;
  for (std::size_t at = 0; at < said.size();) {
    const auto category = keywords_[said[at]].category;
    std::size_t found = 0;
    std::string_view longest;
    for (; at < said.size() && keywords_[said[at]].category == category; ++at) {
      const std::string_view each = keywords_[said[at]].words;
      found += each.size();
      if (each.size() > longest.size()) longest = each;
    }
    if (found > most) {
      best = &organisation_.categories[category];
      most = found;
      keyword = trim(longest);
    }
  }
  return best;
}

Routes::Route Routes::find(const Post& post, const ChannelRules& channel) const {
  Route route;
  const auto text_words = as_words(post.text);
  auto words = as_words(post.hints.subject);
  words += std::string_view(text_words).substr(1);
  const auto* rule = fitting(post, channel, text_words);
  if (rule == nullptr && !post.hints.subject.empty()) rule = fitting(post, channel, words);

  std::string keyword;
  const auto* category = named_category(post.hints.category);
  route.classified = {"classify", "the post names a category", post.hints.category, "chosen"};
  if (category == nullptr && rule != nullptr) {
    category = organisation_.category(rule->rule->category);
    route.classified = {"classify", "rule " + rule->rule->name, rule->rule->category.value(),
                        "rule"};
  }
  if (category == nullptr) {
    category = category_of(words, keyword);
    route.classified = {"classify",
                        keyword.empty() ? "no known word" : "the word \"" + keyword + '"',
                        category == nullptr ? "none" : category->id.value(),
                        category == nullptr ? "a person decides" : "keyword"};
  }
  if (category != nullptr) {
    route.category = category->id;
    route.classified.decision = category->id.value();
  }
  if (organisation_.kind(KindId(post.hints.kind)) != nullptr) route.kind = KindId(post.hints.kind);

  if (const auto* chosen = named_agency(post.hints.agency)) {
    route.agency = chosen->id;
    route.dispose = true;
    route.rule = "chosen";
    route.routed = {"route", "the reporter chose the agency", chosen->id.value(), "straight to it"};
    return route;
  }
  if (rule != nullptr && organisation_.agency(rule->rule->agency) != nullptr) {
    route.agency = rule->rule->agency;
    route.unit = rule->rule->unit;
    route.dispose = rule->rule->dispose;
    route.rule = rule->rule->name;
    route.routed = {"route", "rule " + route.rule, route.agency.value(),
                    route.dispose ? "straight to it" : "suggested"};
    return route;
  }
  const auto named = std::ranges::find_if(
      prefixes_, [&](const Prefix& each) { return text_words.starts_with(each.words); });
  if (named != prefixes_.end()) {
    route.agency = named->agency;
    route.unit = named->unit;
    route.rule = "prefix";
    route.routed = {"route", "the first words name an office", route.agency.value(), "suggested"};
    return route;
  }
  if (category != nullptr && organisation_.agency(category->agency) != nullptr) {
    route.agency = category->agency;
    route.unit = category->unit;
    route.rule = "category";
    route.routed = {"route", "the category's usual agency", route.agency.value(), "suggested"};
    return route;
  }
  route.routed = {"route", "no rule fits", "none", "a person decides"};
  return route;
}

}  // namespace kanal
