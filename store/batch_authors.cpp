#include "store/batch_authors.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace kanal {
namespace {

using sql::Column;
using sql::Parameters;
using sql::Statement;
using sql::Target;
using sql::Type;

constexpr Target k_reporters{"reporter", "id, channel, lookup, sealed, first_seen"};

constexpr Target k_aliases{"reporter_alias", "lookup, reporter"};

constexpr Statement k_find_reporters{
    "find_reporters",
    "SELECT r.id, k.lookup FROM unnest($2::bytea[]) AS k (lookup), LATERAL ("
    " SELECT id FROM reporter WHERE channel = $1::text AND reporter.lookup = k.lookup LIMIT 1) AS "
    "r"};

std::string text_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

BatchAuthors::BatchAuthors(const Store::Inside& inside, sql::Work& work, const IntakeBatch& batch,
                           Time now)
    : inside_(inside), work_(work), batch_(batch), now_(now) {
  std::unordered_map<std::string_view, std::size_t> first;
  for (std::size_t i = 0; i < batch.filed.size(); ++i) {
    const auto& filed = batch.filed[i];
    first_post_.push_back(first.try_emplace(filed.post.author.id.value(), i).first->second);
    ids_.push_back(filed.author);
    if (filed.author) ids_[first_post_[i]] = filed.author;
  }
  for (std::size_t i = 0; i < first_post_.size(); ++i) {
    if (first_post_[i] != i || ids_[i]) continue;
    const auto& who = batch.filed[i].post.author.id.value();
    unknown_.emplace_back(text_of(inside.lookup(batch.channel, who)), i);
  }
  std::ranges::sort(unknown_);
}

void BatchAuthors::look() {
  if (unknown_.empty()) return;
  Column lookup(Type::bytes, unknown_.size(), 32);
  for (const auto& [key, post] : unknown_) lookup.add(key);
  std::unordered_map<std::string, ReporterId> found;
  for (const auto& row :
       work_.run(k_find_reporters, Parameters() << batch_.channel.value() << lookup)) {
    found.emplace(sql::bytes(row[1]), sql::number(row[0]));
  }
  std::erase_if(unknown_, [&](const Keyed& each) {
    const auto known = found.find(each.first);
    if (known == found.end()) return false;
    ids_[each.second] = known->second;
    return true;
  });
}

void BatchAuthors::file(std::span<const std::int64_t> ids) {
  if (unknown_.empty()) return;
  const auto count = unknown_.size();
  Column id(Type::bigint, count, 8), channel(Type::text, count), lookup(Type::bytes, count, 32),
      sealed(Type::bytes, count, 128), first_seen(Type::time, count, 8);
  for (const auto& [key, post] : unknown_) {
    ids_[post] = ReporterId(ids[id.size()]);
    id.add(ids_[post].value());
    channel.add(batch_.channel.value());
    lookup.add(key);
    sealed.add(seal_author(inside_.keys, batch_.filed[post].post.author));
    first_seen.add(now_);
  }
  work_.copy(k_reporters, {&id, &channel, &lookup, &sealed, &first_seen});
  insert_aliases();
}

void BatchAuthors::insert_aliases() {
  std::vector<std::pair<std::string, std::int64_t>> aliases;
  for (const auto& [key, post] : unknown_) {
    const auto& author = batch_.filed[post].post.author;
    for (const auto* value : {&author.handle, &author.phone, &author.email}) {
      if (value->empty() || *value == author.id.value()) continue;
      aliases.emplace_back(text_of(inside_.alias(batch_.channel, *value)), ids_[post].value());
    }
  }
  if (aliases.empty()) return;
  std::ranges::sort(aliases);
  const auto again = std::ranges::unique(aliases);
  aliases.erase(again.begin(), again.end());
  Column alias(Type::bytes, aliases.size(), 32), reporter(Type::bigint, aliases.size(), 8);
  for (const auto& [key, id] : aliases) {
    alias.add(key);
    reporter.add(id);
  }
  work_.copy(k_aliases, {&alias, &reporter});
}

}  // namespace kanal
