#pragma once

#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "router/offices.hpp"
#include "router/pipeline.hpp"
#include "router/replies.hpp"
#include "router/stages.hpp"
#include "router/telling.hpp"

// The inside of decide(): what a batch's posts become, one after the other.
namespace kanal {

inline constexpr int k_replies_per_thread_and_hour = 3;

/// What the batch being decided knows of itself; evidence only tells of what was stored before it.
class Meeting {
 public:
  Meeting(std::span<const Evidence> evidence, const Surround& around,
          std::span<const ReportId> fresh_ids)
      : evidence_(evidence), around_(around), routes_(around.organisation), fresh_ids_(fresh_ids) {}

  /// `code`: for the report that is made of it, or will be.
  void take(Post post, std::size_t index, const TrackingCode& code);
  Decided finish() && { return std::move(decided_); }

 private:
  void note(std::string stage, std::string evidence, std::string decision, std::string reason) {
    decided_.notes.back().push_back(
        {std::move(stage), std::move(evidence), std::move(decision), std::move(reason)});
  }
  // The store knows the post filed at i as -1 - i until it has a number.
  PostId place_of_next() const {
    return PostId(-1 - static_cast<std::int64_t>(decided_.batch.filed.size()));
  }
  void weigh(Filed& filed, const Evidence& evidence);
  bool repeats(Filed& filed, const Evidence& evidence);
  bool stops(Filed& filed, const Evidence& evidence);
  // The post that it passes on, stored or of this batch; none: neither.
  PostId passed_on(const Filed& filed, const Evidence& evidence) const;
  bool runs_errand(Filed& filed, const Evidence& evidence);
  void run_errand(Filed& filed, const Evidence& evidence, const Plea& plea);
  bool says_the_same(Filed& filed, const Evidence& evidence);
  // Somebody else's report is not for them to hide in.
  bool held_back(Filed& filed, const Evidence& evidence, const Report& report);
  // Which post of the batch it goes on from; that one has a change.
  std::optional<std::size_t> earlier_of_batch(const Filed& filed) const;
  void begin(Filed& filed, const Evidence& evidence);
  std::optional<Routes::Route> put_before(const Filed& filed, const Evidence& evidence,
                                          Change& change);
  void dispose(Change& change, const Routes::Route& route, Wording& wording);
  void hear_office(Filed& filed, const Evidence& evidence);
  bool act_for_office(Filed& filed, const Evidence& evidence, const HandOver& way,
                      const OfficeWish& wish);
  void join(Filed& filed, std::size_t change, const Evidence& evidence, bool born_here);
  std::size_t change_of(const Report& report);
  void owe(Filed& filed, Change& change, const Evidence& evidence, const Occasion& occasion,
           std::string_view more);
  // Of the change's newest step, all of its people; the writer has an answer of their own.
  void tell_others(Change& change, const Report& before, const Command& command,
                   const Evidence& evidence, std::optional<Writer> writer) const;
  [[nodiscard]] bool shared(const Filed& filed, const Change& change) const;
  [[nodiscard]] bool floods(const Filed& filed, const Evidence& evidence) const;
  bool may_reply(const Filed& filed, const Evidence& evidence, const Change& change);
  // Which bound of answers keeps this one back (core/reply.hpp); empty: none, and it counts.
  std::string_view bound_of(const Filed& filed, const Evidence& evidence, const Change& change,
                            const Occasion& occasion);

  std::span<const Evidence> evidence_;
  const Surround& around_;
  Routes routes_;
  std::span<const ReportId> fresh_ids_;
  std::size_t used_ = 0;
  TrackingCode code_;
  Decided decided_;
  // As who of the report's people each was filed; those that follow in the batch are as much.
  struct Standing {
    ReportId followed;
    bool guest = false;
  };
  Standing standing_;
  std::vector<Standing> standings_;
  std::unordered_map<std::string, std::size_t> by_id_;       // external id → filed
  std::unordered_map<std::string, std::size_t> by_told_;     // id of what was told in it → filed
  std::unordered_map<std::string, std::size_t> by_text_;     // author and text → filed
  std::unordered_map<std::int64_t, std::size_t> by_report_;  // report → change
  std::unordered_map<std::string, int> replies_to_;          // author → owed in this batch
  std::unordered_map<std::string, int> reports_of_;          // author → filed in this batch
  std::unordered_map<std::string, std::size_t> newest_of_;   // author → the newest filed
  std::unordered_map<std::string, bool> silent_;             // author → what they asked for here
};

}  // namespace kanal
