find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# What a file includes is told by the compiler, not found by a preprocessor's run of its own.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}
                                  CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
                                  CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

# GLib and GMime ask for these; a precompiled header serves only units that agree.
add_compile_definitions(_LARGEFILE64_SOURCE)
add_compile_options(-pthread)
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fno-omit-frame-pointer
                    -fstack-protector-strong)
if(NOT CMAKE_DISABLE_PRECOMPILE_HEADERS)
  # g++ 12 warns inside the std::string of a precompiled header.
  add_compile_options("$<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds;-Wno-restrict;\
-Wno-stringop-overflow;-Wno-stringop-overread>")
endif()
if(CMAKE_UNITY_BUILD)
  # g++ takes what a unit keeps to itself for a header's.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()
if(KANAL_SANITIZE)
  add_compile_options(-fsanitize=${KANAL_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${KANAL_SANITIZE})
  # g++ 12 warns inside <regex> (which Catch includes) once it is instrumented.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  if(KANAL_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Asio has fences, which TSan does not see; its mutexes, which it sees, order the same.
    add_compile_options(-Wno-tsan)
  endif()
endif()
if(KANAL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# kanal_room(NAME USES rooms... LIBRARIES targets...)
# One static library of every *.cpp below this folder, and one test program of every *_test.cpp.
# A contract_fixture.cpp is for tests/contract.
function(kanal_room NAME)
  cmake_parse_arguments(ROOM "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB_RECURSE SOURCES CONFIGURE_DEPENDS *.cpp)
  set(TESTS ${SOURCES})
  list(FILTER SOURCES EXCLUDE REGEX "(_test|/contract_fixture)\\.cpp$")
  list(FILTER TESTS INCLUDE REGEX "_test\\.cpp$")
  if(SOURCES)
    add_library(kanal_${NAME} STATIC ${SOURCES})
    set(SCOPE PUBLIC)
  else()
    add_library(kanal_${NAME} INTERFACE)
    set(SCOPE INTERFACE)
  endif()
  target_include_directories(kanal_${NAME} ${SCOPE} ${CMAKE_SOURCE_DIR})
  foreach(USED ${ROOM_USES})
    target_link_libraries(kanal_${NAME} ${SCOPE} kanal_${USED})
  endforeach()
  target_link_libraries(kanal_${NAME} ${SCOPE} ${ROOM_LIBRARIES} Threads::Threads)
  if(BUILD_TESTING AND NOT KANAL_FUZZ AND TESTS)
    add_executable(${NAME}_test ${TESTS})
    target_link_libraries(${NAME}_test kanal_${NAME} kanal_catch)
    set_property(GLOBAL APPEND PROPERTY KANAL_CHECKED ${NAME}_test)
    add_test(NAME unit.${NAME} COMMAND ${NAME}_test)
    list(LENGTH TESTS COST)
    # What takes longest begins first, or it is waited for at the end.
    set_tests_properties(unit.${NAME} PROPERTIES LABELS unit TIMEOUT 7200 COST ${COST})
  endif()
endfunction()

if(BUILD_TESTING AND NOT KANAL_FUZZ)
  find_package(Catch2 2 REQUIRED)
  find_package(rapidcheck REQUIRED)
  add_library(kanal_catch INTERFACE)
  target_link_libraries(kanal_catch INTERFACE Catch2::Catch2WithMain rapidcheck)
  target_include_directories(kanal_catch INTERFACE ${CMAKE_SOURCE_DIR})
  # A test is built far more often than it runs.
  target_compile_options(kanal_catch INTERFACE -O0)
endif()
