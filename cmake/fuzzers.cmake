# kanal_fuzzer(NAME LIBRARIES targets...)
# NAME_fuzz of this folder's NAME_fuzz.cpp. With KANAL_FUZZ a libFuzzer program; otherwise a program
# that gives every file of corpus/NAME to it once, as the test corpus.NAME.
function(kanal_fuzzer NAME)
  cmake_parse_arguments(FUZZER "" "" "LIBRARIES" ${ARGN})
  if(KANAL_FUZZ)
    add_executable(${NAME}_fuzz ${NAME}_fuzz.cpp)
    target_link_options(${NAME}_fuzz PRIVATE -fsanitize=fuzzer)
    target_link_libraries(${NAME}_fuzz ${FUZZER_LIBRARIES})
    set_property(GLOBAL APPEND PROPERTY KANAL_FUZZERS ${NAME}_fuzz)
  elseif(BUILD_TESTING)
    add_executable(${NAME}_corpus ${NAME}_fuzz.cpp replay_main.cpp)
    target_link_libraries(${NAME}_corpus ${FUZZER_LIBRARIES})
    set_property(GLOBAL APPEND PROPERTY KANAL_CHECKED ${NAME}_corpus)
    add_test(NAME corpus.${NAME}
             COMMAND ${NAME}_corpus ${CMAKE_CURRENT_SOURCE_DIR}/corpus/${NAME})
    set_tests_properties(corpus.${NAME} PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()
