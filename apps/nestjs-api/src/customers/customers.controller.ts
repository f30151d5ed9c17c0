import { BadRequestException, Body, Controller, Get, Post } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { type Customer, CustomersService } from './customers.service.ts';

@Controller('customers')
export class CustomersController {
  constructor(private readonly customers: CustomersService) {}

  @Get()
  list(): Observable<Customer[]> {
    return this.customers.list();
  }

  @Post()
  create(@Body('name') name: unknown): Promise<Customer> {
    if (typeof name !== 'string' || name.trim() === '')
      throw new BadRequestException('name must be a non-empty string.');
    return this.customers.create(name);
  }
}
