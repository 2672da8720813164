// Stands for the program juicer: says which of them it is, and what it was asked.
const [, , who, ...args] = process.argv;
console.log(`${who}: ${args.join(' ')}`);
