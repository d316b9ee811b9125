using System.Runtime.CompilerServices;

// Every stack-allocated argument is written before it is read.
[module: SkipLocalsInit]
