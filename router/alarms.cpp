#include "router/alarms.hpp"

#include "config/reader.hpp"
#include "core/count.hpp"

namespace kanal {

namespace {

std::string minutes_since(Time then, Time now) {
  return std::to_string(std::chrono::duration_cast<std::chrono::minutes>(now - then).count());
}

std::string hours_since(Time then, Time now) {
  return std::to_string(std::chrono::duration_cast<std::chrono::hours>(now - then).count());
}

Time worked_last(const ChannelRecord& channel, const AlarmLimits& limits) {
  if (!channel.last_success) return limits.watched_since.value_or(channel.health_since);
  return std::max(*channel.last_success, limits.watched_since.value_or(*channel.last_success));
}

// A message went out, and time enough has passed in which the bridge could read it.
bool canary_is_late(const ChannelRecord& channel, Time now, const AlarmLimits& limits) {
  if (!channel.canary_missing) return false;
  const auto from =
      std::max(*channel.canary_missing, limits.watched_since.value_or(*channel.canary_missing));
  return now - from > limits.canary_within;
}

// What the far side opens anew every quarter of an hour is no news. A round of asking whether
// stored posts still stand that takes a whole day has no end that gives anything back.
std::string caps_near_their_end(const Usage& usage, Time now) {
  std::string names;
  for (const auto& meter : usage.meters) {
    const bool is_over = meter.starts_anew && *meter.starts_anew <= now;
    const bool watched = meter.what.starts_with("caps.") || meter.what == "recheck_hours";
    if (is_over || !watched || !meter.is_near_its_end()) continue;
    names += (names.empty() ? "" : ", ") + meter.what;
  }
  return names;
}

constexpr std::chrono::days k_warned_before{14};

std::chrono::days days_until(std::chrono::year_month_day day, Time now, const AlarmLimits& limits) {
  return std::chrono::sys_days(day) -
         std::chrono::floor<std::chrono::days>(now + limits.utc_offset);
}

std::string ends_when(std::chrono::year_month_day day, std::chrono::days left) {
  const auto date = settings::print_date(day);
  return left.count() < 0 ? "ended on " + date
                          : "ends on " + date + " (in " + std::to_string(left.count()) +
                                (left.count() == 1 ? " day)" : " days)");
}

std::optional<Alarm> certificate_alarm(Time now, const AlarmLimits& limits) {
  if (!limits.certificate_end) return std::nullopt;
  Alarm alarm;
  alarm.kind = Alarm::Kind::credential_ends;
  const auto end = limits.certificate_end();
  if (!end) {
    alarm.message = end.error().message + "; the earlier one stays until it ends";
    return alarm;
  }
  if (*end - now > k_warned_before) return std::nullopt;
  alarm.ends = std::chrono::floor<std::chrono::days>(*end + limits.utc_offset);
  alarm.message = "the certificate of the web server " +
                  ends_when(*alarm.ends, days_until(*alarm.ends, now, limits)) +
                  "; renew it and put it in certificate_file: it is read anew by itself";
  return alarm;
}

std::optional<Alarm> disk_alarm(const AlarmLimits& limits) {
  const auto free = limits.free_bytes ? limits.free_bytes() : std::nullopt;
  if (!free || *free >= limits.least_free_bytes) return std::nullopt;
  Alarm alarm;
  alarm.kind = Alarm::Kind::disk_nearly_full;
  alarm.message = "only " + std::to_string(*free >> 20U) +
                  " MB are free on the disk of the data directory: below 256 no photo is taken, "
                  "and with none nothing can be stored; make room";
  return alarm;
}

}  // namespace

std::string_view name(Alarm::Kind kind) {
  switch (kind) {
    case Alarm::Kind::stale:
      return "stale";
    case Alarm::Kind::low_volume:
      return "low_volume";
    case Alarm::Kind::canary_late:
      return "canary_late";
    case Alarm::Kind::nearly_used_up:
      return "nearly_used_up";
    case Alarm::Kind::offices_untold:
      return "offices_untold";
    case Alarm::Kind::disk_nearly_full:
      return "disk_nearly_full";
    case Alarm::Kind::credential_ends:
      break;
  }
  return "credential_ends";
}

std::vector<Alarm> alarms(const std::vector<ChannelRecord>& channels, Time now,
                          const AlarmLimits& limits) {
  std::vector<Alarm> raised;
  for (const auto& channel : channels) {
    std::chrono::hours quiet{0};
    if (limits.quiet_after) {
      const auto watched = limits.quiet_after->find(channel.name);
      if (watched == limits.quiet_after->end()) continue;
      quiet = watched->second;
    }
    if (channel.paused) continue;
    const auto raise = [&](Alarm::Kind kind, std::string message) {
      raised.push_back({channel.name, kind, std::move(message)});
    };
    if (const auto last = worked_last(channel, limits); now - last > limits.stale_after) {
      raise(Alarm::Kind::stale,
            "no successful turn for " + minutes_since(last, now) + " minutes; its health says why");
    }
    if (channel.posts_usual >= limits.least_usual &&
        channel.posts_today * 100 < channel.posts_usual * limits.low_percent) {
      raise(Alarm::Kind::low_volume, count_of(channel.posts_today, "post") + " today where " +
                                         std::to_string(channel.posts_usual) +
                                         " are usual by now; send a test message");
    } else if (quiet.count() > 0 && channel.last_post && now - *channel.last_post > quiet) {
      raise(Alarm::Kind::low_volume,
            "no post for " + hours_since(*channel.last_post, now) + " hours; send a test message");
    }
    if (canary_is_late(channel, now, limits)) {
      raise(Alarm::Kind::canary_late,
            "the test message that it sent itself " + minutes_since(*channel.canary_missing, now) +
                " minutes ago has not arrived; look for it at the provider");
    }
    if (const auto caps = caps_near_their_end(channel.usage, now); !caps.empty()) {
      raise(Alarm::Kind::nearly_used_up,
            "less than a fifth is left of " + caps + "; raise it, or read and answer less");
    }
    if (channel.offices_untold > 0) {
      raise(Alarm::Kind::offices_untold,
            std::to_string(channel.offices_untold) +
                " of the messages to offices failed or are in doubt; see why under Replies, mend "
                "it and send them again, or tell the offices and give them up");
      raised.back().untold = channel.offices_untold;
    }
    const auto ends = limits.credential_ends.find(channel.name);
    if (ends == limits.credential_ends.end()) continue;
    if (const auto left = days_until(ends->second, now, limits); left <= k_warned_before) {
      raise(Alarm::Kind::credential_ends,
            "its credential " + ends_when(ends->second, left) +
                "; renew it with the provider, put it in and set credential_ends anew");
      raised.back().ends = ends->second;
    }
  }
  return raised;
}

std::vector<Alarm> own_alarms(Time now, const AlarmLimits& limits) {
  std::vector<Alarm> raised;
  if (auto alarm = certificate_alarm(now, limits)) raised.push_back(std::move(*alarm));
  if (auto alarm = disk_alarm(limits)) raised.push_back(std::move(*alarm));
  return raised;
}

}  // namespace kanal
