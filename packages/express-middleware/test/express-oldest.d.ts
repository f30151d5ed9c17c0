// Express 4 is tested with the types of Express 5, because the npm alias has none.
declare module 'express-oldest' {
  import express = require('express');
  export = express;
}
