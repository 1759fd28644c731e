#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/visibility.hpp"
#include "web/ability.hpp"
#include "web/api/shape.hpp"
#include "web/problem.hpp"
#include "web/session.hpp"

namespace kanal::api {

class Api;

/// A request that has been let in and read.
struct Asked {
  const Request& request;
  std::optional<Session> session;  ///< none: nobody in particular
  Given query;
  Given body;
  std::vector<Attachment> files = {};
  [[nodiscard]] Viewer viewer() const {
    return session ? Viewer::officer(session->actor()) : Viewer::anyone();
  }
  [[nodiscard]] bool may(Ability ability) const {
    return session && kanal::may(session->officer.role, ability);
  }
};

/// The answer to a body whose members do not fit.
Response unfit(const Asked& asked, std::vector<Fault> faults);

/// Who is let in.
enum class Door : std::uint8_t {
  anyone,   ///< and every officer
  reader,   ///< anyone, but of officers only those who read reports
  officer,  ///< any role
  ability,  ///< officers whose role has it
};

/// The answer of an operation that is no JSON but a file's own bytes.
inline constexpr std::string_view k_bytes = "bytes";

/// One address of the API and all that there is to say about it. Routes, checks and the OpenAPI
/// document come from this table.
struct Operation {
  std::string_view method;
  std::string_view path;  ///< below /api/v1
  std::string_view id;
  std::string_view about;
  Door door = Door::ability;
  Ability ability = Ability::read_reports;
  Shape query = {};
  Shape body = {};  ///< empty: takes none
  std::uint64_t most_bytes = 0;
  std::uint64_t most_files_bytes = 0;  ///< in a form with the body's members; 0: takes no files
  int success = 200;
  std::string_view answer = {};  ///< a schema of the document, or k_bytes; empty: no body
  std::vector<int> others = {};  ///< further statuses, besides those that the row implies
  Result<Response> (Api::*handle)(const Asked&) const = nullptr;
};

std::span<const Operation> operations();

/// Every status that an operation may answer with besides its success, ascending.
std::vector<int> others_of(const Operation& operation);

/// OpenAPI 3.1 of the whole table.
std::string openapi_document(std::string_view public_url, std::string_view version);

}  // namespace kanal::api
