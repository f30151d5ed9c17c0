// What is tested of Express 4 has the types of Express 5; the alias of npm brings none.
declare module 'express-oldest' {
  import express = require('express');
  export = express;
}
