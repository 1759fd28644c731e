#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/inside.hpp"
#include "store/store.hpp"

namespace kanal {

/// The evidence of one batch while it is gathered.
class Gathering {
 public:
  Gathering(const Store::Inside& inside, const ChannelName& channel, std::span<Post> posts,
            Store::Answering answering);
  Result<std::vector<Evidence>> run(sql::Work& work);

 private:
  static constexpr std::size_t k_most_references = 20;
  static constexpr auto k_recent = std::chrono::hours(1);
  struct Ids {
    std::int64_t thread = 0;
    std::int64_t asked = 0;
    std::int64_t answered = 0;
    std::int64_t same_text = 0;
    std::int64_t latest = 0;
    std::int64_t supported = 0;
  };

  Result<> find_known(sql::Work& work);
  void find_authors(sql::Work& work);
  void find_threads(sql::Work& work);
  void find_passed_on(sql::Work& work);
  Result<> find_author_reports(sql::Work& work);
  void find_thread_facts(sql::Work& work);
  void read_reports(sql::Work& work);
  void follow_merged(sql::Work& work);
  void find_offices(sql::Work& work);
  void find_contacts(sql::Work& work);
  void find_named(sql::Work& work);
  /// Whether the number that the post names is that of its thread's report.
  [[nodiscard]] bool is_of_thread(std::size_t place) const;
  static std::string reports_where(std::string_view condition);
  static std::unordered_map<std::int64_t, Report> reports_of(sql::Work& work,
                                                             const sql::Column& ids);

  const Store::Inside& inside_;
  const ChannelName& channel_;
  std::span<Post> posts_;
  Store::Answering answering_;
  Time now_;
  std::vector<std::string> lookups_;
  std::vector<Evidence> evidence_;
  std::vector<Ids> reports_;
};

}  // namespace kanal
