// Without a file in assembly, the compiler refuses a function without a body.
