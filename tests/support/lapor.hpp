#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "format/json.hpp"

namespace kanal::test {

/// The API of SP4N-LAPOR! v3 as far as clients of it are known: complaints with a number, a status
/// and follow-ups. On no network: whoever serves it asks it. Not for several threads.
class LaporApi {
 public:
  struct Complaint {
    std::string number;
    Json body;
    std::string status = "Belum Terverifikasi";
    std::vector<std::string> followups = {};
  };
  struct Said {
    int status = 200;
    std::string body;
  };
  explicit LaporApi(std::int64_t first_number = 4711) : next_number_(first_number) {}

  /// `path`: below the API's own address ("/complaints/complaint").
  Said answer(std::string_view method, std::string_view path, std::string_view body);
  /// Oldest first.
  [[nodiscard]] const std::vector<Complaint>& complaints() const { return complaints_; }
  /// A new status, with a follow-up unless there are no words; false: there is no such complaint.
  bool says(std::string_view number, std::string status, std::string words);

 private:
  Complaint* find(std::string_view number);
  std::vector<Complaint> complaints_;
  std::int64_t next_number_;
  std::int64_t next_file_ = 1;
};

}  // namespace kanal::test
