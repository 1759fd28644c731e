find_program(NPM npm)
find_program(NODE node)

# kanal_npm_tests(NAME PROGRAMS targets...)
# Target NAME: the *.mjs of this folder and of tests/support, beside what npm fetches for the folder's
# package-lock.json, in the build tree. PROGRAMS are what they run.
function(kanal_npm_tests NAME)
  cmake_parse_arguments(TESTS "" "" "PROGRAMS" ${ARGN})
  set(HERE ${CMAKE_CURRENT_BINARY_DIR})
  set(PACKAGE package.json package-lock.json .npmrc)
  list(TRANSFORM PACKAGE PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  file(GLOB SCRIPTS CONFIGURE_DEPENDS *.mjs ${CMAKE_SOURCE_DIR}/tests/support/*.mjs)
  add_custom_command(
    OUTPUT ${HERE}/fetched
    COMMAND ${CMAKE_COMMAND} -E copy ${PACKAGE} ${HERE}
    COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${HERE}/fetched
    DEPENDS ${PACKAGE}
    WORKING_DIRECTORY ${HERE}
    COMMENT "Fetching what ${NAME} stands on"
    VERBATIM)
  add_custom_command(
    OUTPUT ${HERE}/copied
    COMMAND ${CMAKE_COMMAND} -E copy ${SCRIPTS} ${HERE}
    COMMAND ${CMAKE_COMMAND} -E touch ${HERE}/copied
    DEPENDS ${SCRIPTS}
    VERBATIM)
  add_custom_target(${NAME} ALL DEPENDS ${HERE}/fetched ${HERE}/copied)
  if(TESTS_PROGRAMS)
    add_dependencies(${NAME} ${TESTS_PROGRAMS})
  endif()
endfunction()
