# cmake -DFILES=a;b -DOUTPUT=c -P digests.cmake: a header that says nothing and is another one
# whenever a file is.
set(TEXT "")
foreach(FILE ${FILES})
  file(SHA256 ${FILE} DIGEST)
  string(APPEND TEXT "// ${DIGEST}\n")
endforeach()
file(WRITE ${OUTPUT} "${TEXT}")
