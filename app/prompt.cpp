#include "app/prompt.hpp"

#include <cstdio>
#include <iostream>
#include <termios.h>
#include <unistd.h>

namespace kanal::app {

std::string read_hidden(std::string_view what) {
  termios before{};
  const bool terminal = ::isatty(STDIN_FILENO) != 0 && ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    std::fprintf(stderr, "%.*s: ", static_cast<int>(what.size()), what.data());
    auto silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::string line;
  std::getline(std::cin, line);
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::fputc('\n', stderr);
  }
  return line;
}

std::optional<std::string> read_hidden_twice(std::string_view what) {
  auto once = read_hidden(what);
  if (::isatty(STDIN_FILENO) == 0) return once;
  if (once != read_hidden(std::string(what) + " again")) return std::nullopt;
  return once;
}

bool broke_off(const std::istream& input) {
  // What is read by way of C's stdio takes a fault for the end.
  return input.bad() || (&input == &std::cin && std::ferror(stdin) != 0);
}

}  // namespace kanal::app
